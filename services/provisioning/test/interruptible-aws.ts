import { randomUUID } from 'node:crypto';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect } from 'vitest';
import type { Fault } from '../../../local/secrets-manager/faults.ts';
import { type SecretsManager, startSecretsManager } from '../../../local/secrets-manager/index.ts';
import {
  createAwsSecrets,
  type Directory,
  type PasswordCheck,
  type RotationOptions,
  rotationStep,
  rotationSteps,
  type Secrets,
} from '../src/index.ts';
import { startDirectoryService } from './directory-service.ts';

export interface InterruptibleOptions {
  readonly domain: Directory;
  readonly checkPassword: PasswordCheck;
  readonly staleReads?: number;
  readonly lockoutTimeMayBeWritten?: boolean;
}

/** How the function dies instead of getting an answer: before or after the call took effect. */
export type Death = 'refuse-before' | 'refuse-after';

export interface Outcome {
  readonly died: boolean;
  /** The operations that were called, in order. */
  readonly operations: readonly string[];
}

/** The numbers of the calls that change something; a death at any call in between has the same effect. */
export function changes({ operations }: Outcome): number[] {
  return operations.flatMap((name, index) =>
    /^(Create|Put|Update|Reset|Delete)/.test(name) ? [index + 1] : [],
  );
}

/** Secrets Manager and Directory Service, whose calls are counted together; any one of them can be the last. */
export interface InterruptibleAws {
  readonly options: RotationOptions & { readonly directory: Directory };
  readonly secrets: Secrets;
  readonly manager: SecretsManager;
  readonly check: PasswordCheck;
  /** Runs `work`, and makes its n-th AWS call its last. */
  dying(n: number, how: Fault, work: () => Promise<unknown>): Promise<Outcome>;
  /** Makes every third call fail in a way that is temporary. */
  unsteady(how: Fault, work: () => Promise<unknown>): Promise<void>;
  /** The content of a version, read when all writes are visible. */
  credentials(secretId: string, stage?: string): Promise<Record<string, string>>;
  stop(): Promise<void>;
}

/** The same, for any way to set passwords. */
export type RotatingAws = Omit<InterruptibleAws, 'options'> & { readonly options: RotationOptions };

export async function startInterruptibleAws(options: InterruptibleOptions): Promise<InterruptibleAws> {
  const { domain, checkPassword, staleReads = 0, lockoutTimeMayBeWritten = false } = options;
  let operations: string[] = [];
  let plan: (call: number) => Fault | undefined = () => undefined;
  const faults = (operation: string) => {
    operations.push(operation);
    return plan(operations.length);
  };
  const manager = await startSecretsManager({ faults: ({ operation }) => faults(operation), staleReads });
  const service = await startDirectoryService({
    domain,
    faults,
    staleCalls: staleReads,
    lockoutTimeMayBeWritten,
  });
  const secrets = createAwsSecrets(new SecretsManagerClient(manager.client));

  return {
    options: { directory: service.directory, secrets, checkPassword, limit: 5000 },
    secrets,
    manager,
    check: checkPassword,

    async dying(n, how, work) {
      operations = [];
      plan = (call) => (call === n ? how : undefined);
      try {
        await work();
        return { operations, died: false };
      } catch (error) {
        expect((error as Error).name).toBe('OnPurposeException');
        return { operations, died: true };
      } finally {
        plan = () => undefined;
      }
    },

    async unsteady(how, work) {
      operations = [];
      plan = (call) => (call % 3 === 1 ? how : undefined);
      try {
        await work();
      } finally {
        plan = () => undefined;
      }
    },

    async credentials(secretId, stage = 'AWSCURRENT') {
      for (let read = 0; read < staleReads; read += 1) await secrets.holder(secretId, stage);
      const version = await secrets.read(secretId, { stage });
      return JSON.parse(version?.value ?? '{}') as Record<string, string>;
    },

    async stop() {
      await manager.stop();
      await service.stop();
    },
  };
}

/** Runs one rotation, whose n-th AWS call is its last, then repeats it, as Secrets Manager does. */
export async function rotateDying(
  aws: RotatingAws,
  secretId: string,
  n: number,
  how: Death,
): Promise<Outcome> {
  const before = await aws.credentials(secretId);
  const token = randomUUID();
  const rotate = async () => {
    for (const step of rotationSteps) await rotationStep(step, { secretId, token }, aws.options);
  };
  const outcome = await aws.dying(n, how, rotate);
  await expectStart(aws, secretId);
  if (outcome.died) await rotate();

  const after = await aws.credentials(secretId);
  expect(after.password).toBe(before.nextPassword);
  expect(after.nextPassword).not.toBe(after.password);
  expect(await aws.credentials(secretId, 'AWSPREVIOUS')).toEqual(before);
  expect(await aws.secrets.holder(secretId, 'AWSCURRENT')).toBe(token);
  expect(await aws.check(after.username ?? '', after.password ?? '')).toBe('accepted');
  return outcome;
}

/** A task that starts now gets the current version, and can sign in with one of its two passwords. */
export async function expectStart(aws: RotatingAws, secretId: string): Promise<void> {
  const { username = '', password = '', nextPassword = '' } = await aws.credentials(secretId);
  const answers = [await aws.check(username, password), await aws.check(username, nextPassword)];
  expect(answers).toContain('accepted');
}
