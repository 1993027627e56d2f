import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { webPaths, webPort } from '@packages/contracts';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const program = join(import.meta.dirname, '..', 'src', 'health.ts');
const ask = (env: NodeJS.ProcessEnv) =>
  execa(process.execPath, [program], { env, extendEnv: false, reject: false });

test.each([
  [200, 0],
  [503, 1],
])('checks the address on which web listens: status %d is exit code %d', async (status, exitCode) => {
  const asked: unknown[] = [];
  const server = createServer(({ url }, response) => {
    asked.push(url);
    response.writeHead(status).end();
  }).listen(0, '127.0.0.1');
  try {
    await once(server, 'listening');
    const PORT = String((server.address() as AddressInfo).port);
    expect((await ask({ PORT })).exitCode).toBe(exitCode);
    expect(asked).toEqual([webPaths.alive]);
  } finally {
    server.close();
  }
});

test('checks the port on which web listens by default', async () => {
  // Whether or not something listens there: the output names the address.
  const { stdout } = await ask({ HOST: '127.0.0.1' });
  expect(stdout).toContain(`http://127.0.0.1:${webPort}${webPaths.alive} `);
});
