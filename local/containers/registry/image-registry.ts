import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BlobStore } from './blob-store.ts';

/** An image as the registry stores it. */
export interface StoredImage {
  /** `sha256:…` of its manifest, which task definitions refer to. */
  readonly digest: string;
  /** Size of its layers as transferred, in bytes. */
  readonly compressedBytes: number;
}

/** A container registry on loopback, in place of Amazon ECR. */
export interface ImageRegistry {
  /** `127.0.0.1:port`, the prefix of its image names. */
  readonly host: string;
  /** Password of the user AWS. */
  readonly password: string;
  image(repository: string, tag: string): Promise<StoredImage | undefined>;
  /** Stops the registry and deletes its contents. */
  stop(): Promise<void>;
}

const name = '[a-z0-9]+(?:[._/-][a-z0-9]+)*';
const routes = {
  upload: new RegExp(`^/v2/(${name})/blobs/uploads/([0-9a-f-]*)$`),
  blob: new RegExp(`^/v2/(${name})/blobs/(sha256:[0-9a-f]{64})$`),
  manifest: new RegExp(`^/v2/(${name})/manifests/([\\w.:-]+)$`),
};

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly store: BlobStore;
}

/**
 * Starts a registry that docker and podman push to and pull from. It checks content against its digest, accepts a
 * manifest only if everything it refers to exists, accepts each tag once, and requires the password for every request.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md
 * @param directory stores the content; deleted at the end
 */
export async function startImageRegistry(directory: string): Promise<ImageRegistry> {
  const store = new BlobStore(directory);
  const password = randomBytes(18).toString('base64url');
  const authorization = `Basic ${Buffer.from(`AWS:${password}`).toString('base64')}`;
  const server = createServer((request, response) => {
    response.setHeader('docker-distribution-api-version', 'registry/2.0');
    if (request.headers.authorization !== authorization) {
      request.resume();
      response.setHeader('www-authenticate', 'Basic realm="registry"');
      return fail(response, 401, 'UNAUTHORIZED');
    }
    const url = new URL(request.url ?? '/', 'http://registry');
    answer({ request, response, url, store }).catch((error: Error) => {
      console.error(`The registry failed: ${error.stack}`);
      if (!response.headersSent) fail(response, 500, 'UNKNOWN');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    password,
    async image(repository, tag) {
      const found = store.manifest(repository, tag);
      if (!found) return undefined;
      const { layers = [] } = JSON.parse(String(await store.read(found.digest)));
      const sizes = (layers as { size: number }[]).map(({ size }) => size);
      return { digest: found.digest, compressedBytes: sizes.reduce((sum, size) => sum + size, 0) };
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function answer(exchange: Exchange): Promise<void> {
  const { response, url } = exchange;
  const upload = routes.upload.exec(url.pathname);
  const blob = routes.blob.exec(url.pathname);
  const manifest = routes.manifest.exec(url.pathname);
  if (url.pathname === '/v2/') response.writeHead(200).end();
  else if (upload) await takeUpload(exchange, upload[1] as string, upload[2] as string);
  else if (blob) await giveContent(exchange, blob[2] as string, 'application/octet-stream');
  else if (manifest) await answerManifest(exchange, manifest[1] as string, manifest[2] as string);
  else fail(response, 404, 'NAME_UNKNOWN');
}

/** POST begins an upload, PATCH adds to it, PUT adds the rest and completes it. */
async function takeUpload(
  { request, response, url, store }: Exchange,
  repository: string,
  id: string,
): Promise<void> {
  const upload = request.method === 'POST' ? await store.begin() : id;
  const length = await store.append(upload, request);
  const digest = url.searchParams.get('digest');
  if (request.method === 'PUT' || (request.method === 'POST' && digest)) {
    if (!digest || !(await store.commit(upload, digest))) return fail(response, 400, 'DIGEST_INVALID');
    response.writeHead(201, {
      location: `/v2/${repository}/blobs/${digest}`,
      'docker-content-digest': digest,
    });
  } else {
    response.writeHead(202, {
      location: `/v2/${repository}/blobs/uploads/${upload}`,
      range: `0-${Math.max(0, length - 1)}`,
      'docker-upload-uuid': upload,
    });
  }
  response.end();
}

async function answerManifest(exchange: Exchange, repository: string, reference: string): Promise<void> {
  const { request, response, store } = exchange;
  if (request.method !== 'PUT') {
    const found = store.manifest(repository, reference);
    if (!found) return fail(response, 404, 'MANIFEST_UNKNOWN');
    return giveContent(exchange, found.digest, found.type);
  }
  const content = Buffer.concat(await request.toArray());
  const { config, layers = [] } = JSON.parse(content.toString('utf8'));
  for (const { digest } of [config, ...layers]) {
    if ((await store.size(digest)) === undefined) return fail(response, 400, 'MANIFEST_BLOB_UNKNOWN');
  }
  if (!reference.startsWith('sha256:') && store.manifest(repository, reference)) {
    // The answer of ECR for a repository with immutable tags.
    return fail(response, 400, 'TAG_INVALID');
  }
  const digest = await store.putManifest(
    repository,
    reference,
    request.headers['content-type'] ?? '',
    content,
  );
  response.writeHead(201, {
    location: `/v2/${repository}/manifests/${digest}`,
    'docker-content-digest': digest,
  });
  response.end();
}

async function giveContent(
  { request, response, store }: Exchange,
  digest: string,
  type: string,
): Promise<void> {
  const size = await store.size(digest);
  if (size === undefined) return fail(response, 404, 'BLOB_UNKNOWN');
  response.writeHead(200, {
    'content-type': type,
    'content-length': size,
    'docker-content-digest': digest,
  });
  if (request.method === 'HEAD') response.end();
  else createReadStream(store.path(digest)).pipe(response);
}

function fail(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ errors: [{ code, message: code }] }));
}
