import { fileURLToPath } from 'node:url';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { vi } from 'vitest';
import { type Fault, startSecretsManager } from '../../../../local/secrets-manager/index.ts';
import { fetchedCredentials, fetchInOwnProcess } from '../../src/credentials/fetched-credentials.ts';
import { realm } from './failure-site.ts';
import type { Cause } from './failures.ts';

const entry = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

interface Trouble {
  readonly value?: string;
  readonly fault?: Fault;
  readonly limitSeconds?: number;
}

/** Fetches a secret as the sidecar does, in a separate process, from a Secrets Manager with or without trouble. */
const fetching = (trouble: Trouble) => async () => {
  const manager = await startSecretsManager({
    faults: ({ operation }) => (operation === 'GetSecretValue' ? trouble.fault : undefined),
  });
  try {
    const sdk = new SecretsManagerClient(manager.client);
    const { value: SecretString = '{}' } = trouble;
    const { ARN = '' } = await sdk.send(new CreateSecretCommand({ Name: 'reader', SecretString }));
    const arn = trouble.value === undefined && !trouble.fault ? `${ARN}-another` : ARN;
    const source = fetchedCredentials(fetchInOwnProcess(entry, arn, trouble.limitSeconds), realm);
    // The process inherits its environment before the first await.
    for (const [name, value] of Object.entries(manager.environment)) vi.stubEnv(name, value);
    const first = source.candidates(AbortSignal.timeout(150_000))[Symbol.asyncIterator]().next();
    vi.unstubAllEnvs();
    await first;
  } finally {
    await manager.stop();
  }
};

export const secretFailures: readonly Cause[] = [
  ['secret-unavailable', 'there is no such secret', fetching({})],
  ['secret-unavailable', 'the right to read it is missing', fetching({ fault: 'refuse-before' })],
  ['secret-unavailable', 'Secrets Manager is silent', fetching({ fault: 'silent', limitSeconds: 3 })],
  ['secret-malformed', 'it is no JSON', fetching({ value: 'a password' })],
  ['secret-malformed', 'it has no user', fetching({ value: '{"password":"secret"}' })],
];
