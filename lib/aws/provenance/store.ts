import type { KeyObject } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { builtOfKey, type NamedImage, provenanceKeys } from '../../config/provenance-names.ts';
import { awsClient, type ClientOptions } from '../clients.ts';
import { publicKey } from './envelope.ts';

/** What is kept about an image: undefined where nothing is. */
export interface KeptProvenance {
  /** The envelope. */
  readonly statement: string | undefined;
  readonly sbom: string | undefined;
  /** That a commit has left the image unchanged. */
  readonly unchanged?: string | undefined;
}

/** The bucket that keeps statements and bills of materials, in the tools account. */
export class ProvenanceStore {
  readonly #client: S3Client;
  readonly bucket: string;

  constructor(bucket: string, options: ClientOptions) {
    this.bucket = bucket;
    this.#client = awsClient(S3Client, options);
  }

  /**
   * What is kept about an image.
   *
   * @param revision the commit that may have left it unchanged
   */
  async find(image: NamedImage, revision?: string): Promise<KeptProvenance> {
    const keys = provenanceKeys(image);
    const [statement, sbom, unchanged] = await Promise.all([
      this.#get(keys.statement),
      this.#get(keys.sbom),
      revision === undefined ? undefined : this.#get(keys.unchanged(revision)),
    ]);
    return { statement, sbom, ...(unchanged !== undefined && { unchanged }) };
  }

  /**
   * The digest of the image that was last built of something; undefined when none was. It points to a statement, and is
   * itself no proof of anything.
   */
  async builtOf(name: string, inputs: string): Promise<string | undefined> {
    return this.#get(builtOfKey(name, inputs));
  }

  /** The bill of materials first: a statement never names one that is not there, nor is pointed to before it is. */
  async keep(
    image: NamedImage,
    { statement, sbom, inputs }: { statement: string; sbom: string; inputs: string },
  ): Promise<void> {
    const keys = provenanceKeys(image);
    await this.#put(keys.sbom, sbom);
    await this.#put(keys.statement, statement);
    await this.#put(builtOfKey(image.name, inputs), image.digest);
  }

  /** Keeps the statement that a commit has left an image unchanged. */
  async keepUnchanged(image: NamedImage, revision: string, statement: string): Promise<void> {
    await this.#put(provenanceKeys(image).unchanged(revision), statement);
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
