import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildService } from './build.ts';

/** The names of what is made, without the chunks, which bear hashes. */
async function madeOf(service: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'programs-'));
  try {
    await buildService(service, folder);
    return (await readdir(folder)).filter((name) => !/-[A-Z0-9]{8}\.mjs$/.test(name)).sort();
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('a service that works on and on has its program and its health command', async () => {
  expect(await madeOf('worker')).toEqual(['health.mjs', 'main.mjs']);
});

test('a job has its program alone', async () => {
  expect(await madeOf('job')).toEqual(['main.mjs']);
});

test('a service with a build of its own is built by that', async () => {
  expect(await madeOf('web')).toEqual(['assets', 'health.mjs', 'main.mjs', 'node_modules']);
});

test('a service that there is not is refused', async () => {
  await expect(madeOf('other')).rejects.toThrow();
});

test.each(['services/Dockerfile', 'services/sidecar/Dockerfile'])(
  '%s starts programs that are made',
  async (file) => {
    const started = [
      ...readFileSync(file, 'utf8').matchAll(/^(?:ENTRYPOINT|HEALTHCHECK .*CMD) \["node", "(.+)"\]$/gm),
    ];
    expect(started.length).toBeGreaterThan(0);
    const made = await madeOf('worker');
    for (const [, program] of started) expect(made).toContain(program);
  },
);
