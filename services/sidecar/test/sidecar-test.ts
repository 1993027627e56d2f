import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { test as base } from 'vitest';
import { type SecretsManager, startSecretsManager } from '../../../local/secrets-manager/index.ts';
import { runnableSidecar } from '../../../local/testing/runnable-sidecar.ts';
import { type SidecarOptions, type SidecarProcess, startSidecarProcess } from './sidecar-process.ts';
import { startTestDomain } from './test-domain.ts';

/** Secrets Manager on loopback; secrets whose ids are in `unavailable` cannot be read. */
export interface TestSecrets extends SecretsManager {
  readonly sdk: SecretsManagerClient;
  readonly unavailable: Set<unknown>;
}

/**
 * Starts a sidecar that ends with the test. Names must be unique, because all tests of a file share domain and folders.
 */
export type StartSidecar = (options: SidecarOptions) => Promise<SidecarProcess>;

/** A test with its own sidecars and with a real domain that all tests of the file share. */
export const test = base
  // biome-ignore lint/correctness/noEmptyPattern: the pattern tells vitest that this needs no other fixture
  .extend('directory', { scope: 'file' }, async ({}, { onCleanup }) => {
    const directory = await startTestDomain();
    onCleanup(() => directory.dispose());
    return directory;
  })
  .extend('programs', { scope: 'file' }, ({ directory }) => runnableSidecar(directory.directory))
  // biome-ignore lint/correctness/noEmptyPattern: the pattern tells vitest that this needs no other fixture
  .extend('secrets', { scope: 'file' }, async ({}, { onCleanup }): Promise<TestSecrets> => {
    const unavailable = new Set<unknown>();
    const manager = await startSecretsManager({
      faults: ({ input }) => (unavailable.has(input.SecretId) ? 'unavailable' : undefined),
    });
    onCleanup(() => manager.stop());
    return { ...manager, sdk: new SecretsManagerClient(manager.client), unavailable };
  })
  .extend('start', ({ directory, programs }, { onCleanup }): StartSidecar => {
    const started: SidecarProcess[] = [];
    onCleanup(async () => {
      await Promise.all(started.map((sidecar) => sidecar.stop()));
    });
    return async (options) => {
      const sidecar = await startSidecarProcess(directory, programs, options);
      started.push(sidecar);
      return sidecar;
    };
  });
