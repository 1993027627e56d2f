import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** The contents of a registry, in one folder: blobs by digest, manifests by tag. */
export class BlobStore {
  readonly #directory: string;
  readonly #tags = new Map<string, string>();
  readonly #types = new Map<string, string>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  path(digest: string): string {
    return join(this.#directory, digest.replace(':', '-'));
  }

  /** Size in bytes; undefined if there is no such blob. */
  async size(digest: string): Promise<number | undefined> {
    return (await stat(this.path(digest)).catch(() => undefined))?.size;
  }

  async read(digest: string): Promise<Buffer | undefined> {
    return readFile(this.path(digest)).catch(() => undefined);
  }

  /** Begins an upload and returns its id. */
  async begin(): Promise<string> {
    await mkdir(this.#directory, { recursive: true });
    const upload = randomUUID();
    await writeFile(this.#upload(upload), '');
    return upload;
  }

  /** Adds to an upload and returns its length so far. */
  async append(upload: string, content: Readable): Promise<number> {
    await pipeline(content, createWriteStream(this.#upload(upload), { flags: 'a' }));
    return (await stat(this.#upload(upload))).size;
  }

  /** Ends an upload. Returns false and discards the content if it does not have this digest. */
  async commit(upload: string, digest: string): Promise<boolean> {
    const content = await readFile(this.#upload(upload));
    if (digestOf(content) !== digest) {
      await rm(this.#upload(upload));
      return false;
    }
    await rename(this.#upload(upload), this.path(digest));
    return true;
  }

  async putManifest(repository: string, reference: string, type: string, content: Buffer): Promise<string> {
    const digest = digestOf(content);
    await writeFile(this.path(digest), content);
    this.#types.set(digest, type);
    this.#tags.set(`${repository}:${reference}`, digest);
    this.#tags.set(`${repository}:${digest}`, digest);
    return digest;
  }

  /** Digest and type of the manifest with this tag or digest, if the repository has it. */
  manifest(repository: string, reference: string): { digest: string; type: string } | undefined {
    const digest = this.#tags.get(`${repository}:${reference}`);
    return digest ? { digest, type: this.#types.get(digest) ?? '' } : undefined;
  }

  #upload(upload: string): string {
    return join(this.#directory, `upload-${upload}`);
  }
}

/** `sha256:` and the hexadecimal hash. */
function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
