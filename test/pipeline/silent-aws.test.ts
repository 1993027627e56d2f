import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Peer, silentPeer } from '../aws/peers.ts';

let peer: Peer;
beforeAll(async () => {
  peer = await silentPeer();
});
afterAll(() => peer.stop());

/** Runs a tool against a fake AWS that accepts requests but does not answer, and sends a signal at the first output. */
async function signalled(command: string, signal: NodeJS.Signals) {
  const tool = execa('node', command.split(' '), {
    env: { AWS_ENDPOINT_URL: peer.url, AWS_ACCESS_KEY_ID: 'none', AWS_SECRET_ACCESS_KEY: 'none' },
    reject: false,
  });
  tool.stderr.once('data', () => tool.kill(signal));
  const { stderr, exitCode } = await tool;
  return { lines: stderr.split('\n'), exitCode };
}

test.concurrent.each([
  ['bin/release.ts status', 'SIGTERM'],
  ['bin/release.ts watch --json', 'SIGINT'],
  ['bin/release.ts approve production', 'SIGINT'],
  ['bin/release.ts rollback production --yes', 'SIGTERM'],
  ['bin/release.ts test staging', 'SIGTERM'],
  ['bin/bootstrap.ts', 'SIGINT'],
  ['bin/bootstrap.ts --check', 'SIGTERM'],
] as const)('%s reports that there is no answer, and ends at the first %s', async (command, signal) => {
  const { lines, exitCode } = await signalled(command, signal);
  expect(lines[0]).toMatch(/^\w+ in eu-central-1 has not answered \w+ for \d+ s: still trying\.$/);
  expect(lines.at(-1)).toBe('Stopped.');
  expect(exitCode).toBe(1);
});
