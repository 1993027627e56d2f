import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ImageRegistry, startImageRegistry } from './image-registry.ts';

let registry: ImageRegistry;
beforeAll(async () => {
  registry = await startImageRegistry(mkdtempSync(join(tmpdir(), 'registry-test-')));
});
afterAll(() => registry.stop());

const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

function ask(path: string, init: RequestInit = {}, password = registry.password): Promise<Response> {
  const authorization = `Basic ${Buffer.from(`AWS:${password}`).toString('base64')}`;
  return fetch(`http://${registry.host}${path}`, { ...init, headers: { ...init.headers, authorization } });
}

async function upload(content: string, digest = digestOf(content)): Promise<Response> {
  const begun = await ask('/v2/app/web/blobs/uploads/', { method: 'POST' });
  const location = begun.headers.get('location') ?? '';
  // In two parts, as docker sends large blobs.
  await ask(location, { method: 'PATCH', body: content.slice(0, 2) });
  return ask(`${location}?digest=${digest}`, { method: 'PUT', body: content.slice(2) });
}

const type = 'application/vnd.docker.distribution.manifest.v2+json';
const manifest = (config: string, layer: string) =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: type,
    config: { digest: digestOf(config), size: config.length },
    layers: [{ digest: digestOf(layer), size: layer.length }],
  });
const put = (tag: string, body: string) =>
  ask(`/v2/app/web/manifests/${tag}`, { method: 'PUT', body, headers: { 'content-type': type } });

test('a pushed image can be pulled by tag and by digest', async () => {
  for (const content of ['{"config":1}', 'a layer']) expect((await upload(content)).status).toBe(201);
  const body = manifest('{"config":1}', 'a layer');
  expect((await put('one', body)).headers.get('docker-content-digest')).toBe(digestOf(body));
  for (const reference of ['one', digestOf(body)]) {
    const answer = await ask(`/v2/app/web/manifests/${reference}`);
    expect(answer.headers.get('content-type')).toBe(type);
    expect(await answer.text()).toBe(body);
  }
  const blob = await ask(`/v2/app/web/blobs/${digestOf('a layer')}`);
  expect(await blob.text()).toBe('a layer');
  expect(await registry.image('app/web', 'one')).toEqual({ digest: digestOf(body), compressedBytes: 7 });
  expect(await registry.image('app/sidecar', 'one')).toBeUndefined();
});

test('requests without the password are refused', async () => {
  expect((await ask('/v2/', {}, 'guessed')).status).toBe(401);
  const bare = await fetch(`http://${registry.host}/v2/`);
  expect(bare.status).toBe(401);
  expect(bare.headers.get('www-authenticate')).toMatch(/^Basic /);
  expect((await ask('/v2/')).status).toBe(200);
});

test('content that does not match its digest is refused and not stored', async () => {
  expect((await upload('forged', digestOf('real'))).status).toBe(400);
  expect((await ask(`/v2/app/web/blobs/${digestOf('real')}`, { method: 'HEAD' })).status).toBe(404);
});

test('a manifest that refers to a missing layer is refused', async () => {
  await upload('{"config":2}');
  expect((await put('two', manifest('{"config":2}', 'never pushed'))).status).toBe(400);
  expect(await registry.image('app/web', 'two')).toBeUndefined();
});

test('a tag can be pushed only once, as in the pipeline’s repositories', async () => {
  for (const content of ['{"config":3}', 'layer 3', 'layer 4']) await upload(content);
  expect((await put('three', manifest('{"config":3}', 'layer 3'))).status).toBe(201);
  expect((await put('three', manifest('{"config":3}', 'layer 4'))).status).toBe(400);
});
