import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { setUpContainers } from './setup.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engines-'));
  // A PATH that contains no commands but those that a test puts there.
  vi.stubEnv('PATH', folder);
  vi.stubEnv('CONTAINER_ENGINE', undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function command(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
}
const setUp = (engine?: string) => setUpContainers({ engine, directory: join(folder, 'state') });

test('without an engine: the error says what to install', async () => {
  await expect(setUp()).rejects.toThrow(
    /^Neither a Docker daemon nor podman was found: install Debian's podman, as `npm run test:containers` does\.$/,
  );
});

test('a Docker client without a daemon does not count as an engine', async () => {
  command('docker', 'echo "Cannot connect to the Docker daemon" >&2; exit 1');
  await expect(setUp()).rejects.toThrow('Neither a Docker daemon nor podman was found');
  await expect(setUp('docker')).rejects.toThrow(
    /^No Docker daemon answers `docker version`\. Start it, or set CONTAINER_ENGINE=podman\.$/,
  );
});

test('a podman installed as docker does not count as Docker', async () => {
  command('docker', 'echo podman version 4.3.1');
  await expect(setUp('docker')).rejects.toThrow('No Docker daemon');
});

test('an engine that is requested but missing is reported', async () => {
  command('docker', 'echo 20.10.24');
  await expect(setUp('podman')).rejects.toThrow(/^podman was requested but not found: install/);
});

test('an unknown engine is refused with a list of the known ones', async () => {
  vi.stubEnv('CONTAINER_ENGINE', 'lxc');
  await expect(setUp()).rejects.toThrow(/^CONTAINER_ENGINE is "lxc", but it must be docker or podman\.$/);
});

test('Docker is used if it is running and has the base image', async () => {
  command(
    'docker',
    'case "$1" in version) echo 27.0.1;; --version) echo Docker version 27.0.1;; image) echo;; esac',
  );
  await expect(setUp()).resolves.toMatchObject({ name: 'docker', version: '27.0.1' });
});
