import type { KeyObject } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type NamedImage, provenanceKeys } from '../../config/provenance-names.ts';
import { awsClient, type ClientOptions } from '../clients.ts';
import { publicKey } from './envelope.ts';

/** What is kept about an image: undefined where nothing is. */
export interface KeptProvenance {
  /** The envelope. */
  readonly statement: string | undefined;
  readonly sbom: string | undefined;
}

/** The bucket that keeps statements and bills of materials, in the tools account. */
export class ProvenanceStore {
  readonly #client: S3Client;
  readonly bucket: string;

  constructor(bucket: string, options: ClientOptions) {
    this.bucket = bucket;
    this.#client = awsClient(S3Client, options);
  }

  /** What is kept about an image. */
  async find(image: NamedImage): Promise<KeptProvenance> {
    const keys = provenanceKeys(image);
    const [statement, sbom] = await Promise.all([this.#get(keys.statement), this.#get(keys.sbom)]);
    return { statement, sbom };
  }

  /** The bill of materials first: a statement never names one that is not there. */
  async keep(image: NamedImage, { statement, sbom }: { statement: string; sbom: string }): Promise<void> {
    const keys = provenanceKeys(image);
    await this.#put(keys.sbom, sbom);
    await this.#put(keys.statement, statement);
  }

  /** Where the bill of materials of an image is. */
  sbomAddress(image: NamedImage): string {
    return `s3://${this.bucket}/${provenanceKeys(image).sbom}`;
  }

  async #get(Key: string): Promise<string | undefined> {
    try {
      const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.bucket, Key }));
      return await Body?.transformToString();
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  }

  async #put(Key: string, Body: string): Promise<void> {
    await this.#client.send(
      new PutObjectCommand({ Bucket: this.bucket, Key, Body, ContentType: 'application/json' }),
    );
  }
}

/** The key that statements are signed with. */
export class SigningKey {
  readonly #client: KMSClient;
  readonly #id: string;

  /** @param id its ARN or alias */
  constructor(id: string, options: ClientOptions) {
    this.#id = id;
    this.#client = awsClient(KMSClient, options);
  }

  /** Signs a SHA-256 digest: DER, as DSSE and `node:crypto` have it. */
  async sign(digest: Buffer): Promise<Uint8Array> {
    const { Signature } = await this.#client.send(
      new SignCommand({
        KeyId: this.#id,
        Message: digest,
        MessageType: 'DIGEST',
        SigningAlgorithm: 'ECDSA_SHA_256',
      }),
    );
    if (!Signature) throw new Error('KMS gave no signature.');
    return Signature;
  }

  async publicKey(): Promise<KeyObject> {
    const { PublicKey } = await this.#client.send(new GetPublicKeyCommand({ KeyId: this.#id }));
    return publicKey(PublicKey ?? new Uint8Array());
  }
}
