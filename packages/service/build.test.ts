import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildService } from './build.ts';

/** The names of the built files, without the chunks, whose names contain hashes. */
async function madeOf(service: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'programs-'));
  try {
    await buildService(service, folder);
    return (await readdir(folder)).filter((name) => !/-[A-Z0-9]{8}\.mjs$/.test(name)).sort();
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('a long-running service has its program and its health command', async () => {
  expect(await madeOf('worker')).toEqual(['health.mjs', 'main.mjs']);
});

test('a job has only its program', async () => {
  expect(await madeOf('job')).toEqual(['main.mjs']);
});

test('a service with its own build is built by it', async () => {
  expect(await madeOf('web')).toEqual(['assets', 'health.mjs', 'main.mjs', 'node_modules']);
});

test('an unknown service is rejected', async () => {
  await expect(madeOf('other')).rejects.toThrow();
});

test.each(['services/Dockerfile', 'services/sidecar/Dockerfile'])(
  '%s starts programs that the build makes',
  async (file) => {
    const started = [
      ...readFileSync(file, 'utf8').matchAll(/^(?:ENTRYPOINT|HEALTHCHECK .*CMD) \["node", "(.+)"\]$/gm),
    ];
    expect(started.length).toBeGreaterThan(0);
    const made = await madeOf('worker');
    for (const [, program] of started) expect(made).toContain(program);
  },
);
