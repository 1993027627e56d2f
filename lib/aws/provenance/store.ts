import type { KeyObject } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { builtOfKey, type NamedImage, provenanceKeys } from '../../config/provenance-names.ts';
import { awsClient, type ClientOptions } from '../clients.ts';
import { publicKey } from './envelope.ts';

/** What is stored about an image; undefined where there is nothing. */
export interface KeptProvenance {
  /** The envelope. */
  readonly statement: string | undefined;
  readonly sbom: string | undefined;
  /** The statement that a commit left the image unchanged. */
  readonly unchanged?: string | undefined;
}

/** The bucket in the tools account that stores statements and bills of materials. */
export class ProvenanceStore {
  readonly #client: S3Client;
  readonly bucket: string;

  constructor(bucket: string, options: ClientOptions) {
    this.bucket = bucket;
    this.#client = awsClient(S3Client, options);
  }

  /**
   * Reads what is stored about an image.
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
   * The digest of the image last built from these inputs; undefined if there is none. It points to a statement, and
   * proves nothing itself.
   */
  async builtOf(name: string, inputs: string): Promise<string | undefined> {
    return this.#get(builtOfKey(name, inputs));
  }

  /**
   * Stores the bill of materials, then the statement that names it, then the pointer to the statement, so that no
   * reference dangles.
   */
  async keep(
    image: NamedImage,
    { statement, sbom, inputs }: { statement: string; sbom: string; inputs: string },
  ): Promise<void> {
    const keys = provenanceKeys(image);
    await this.#put(keys.sbom, sbom);
    await this.#put(keys.statement, statement);
    await this.#put(builtOfKey(image.name, inputs), image.digest);
  }

  /** Stores the statement that a commit left an image unchanged. */
  async keepUnchanged(image: NamedImage, revision: string, statement: string): Promise<void> {
    await this.#put(provenanceKeys(image).unchanged(revision), statement);
  }

  /** The address of an image's bill of materials. */
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

/** The key that signs statements. */
export class SigningKey {
  readonly #client: KMSClient;
  readonly #id: string;

  /** @param id its ARN or alias */
  constructor(id: string, options: ClientOptions) {
    this.#id = id;
    this.#client = awsClient(KMSClient, options);
  }

  /** Signs a SHA-256 digest. Returns DER, as DSSE and `node:crypto` expect. */
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
