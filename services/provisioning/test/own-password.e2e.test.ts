import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Domain, startDomain } from '../../../local/directory/domain.ts';
import { claimLoopbackNetwork, type LoopbackNetwork } from '../../../local/directory/loopback-network.ts';
import { createSambaDirectory } from '../../../local/directory/samba-directory.ts';
import {
  createOwnPassword,
  createPasswordCheck,
  type RotationOptions,
  rotationStep,
  rotationSteps,
} from '../src/index.ts';
import {
  changes,
  expectStart,
  type RotatingAws,
  rotateDying,
  startInterruptibleAws,
} from './interruptible-aws.ts';

let network: LoopbackNetwork;
let state: string;
let domain: Domain;
let aws: RotatingAws;

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'own-password-'));
  network = await claimLoopbackNetwork();
  domain = await startDomain({ network, stateDirectory: state });
  // At each death of these rotations, a starting task may try a password that is not set yet.
  await policy('--account-lockout-threshold=0', '--min-pwd-age=0');
  const checkPassword = createPasswordCheck({ realm: domain.realm, kdcs: domain.kdcs });
  const made = await startInterruptibleAws({ domain: createSambaDirectory(domain), checkPassword });
  const directory = createOwnPassword({ realm: domain.realm, kdcs: domain.kdcs });
  aws = { ...made, options: { ...made.options, directory, domainName: domain.name } };
});
afterAll(async () => {
  await aws?.stop();
  await domain?.dispose();
  await network?.release();
  await rm(state, { recursive: true, force: true });
});

const policy = (...settings: string[]) => domain.samba(['domain', 'passwordsettings', 'set', ...settings]);

/** A user made by others, and its secret, which holds what they know: a name and a password. */
async function given(username: string): Promise<string> {
  const password = 'Given-by-others-1';
  await domain.createUser(username, password);
  const secretId = `given/${username}`;
  await aws.secrets.create(secretId, JSON.stringify({ username, password }));
  return secretId;
}

async function rotate(secretId: string, options: Partial<RotationOptions> = {}, token = randomUUID()) {
  for (const step of rotationSteps)
    await rotationStep(step, { secretId, token }, { ...aws.options, ...options });
}

test('the secret gets its next password before anything is changed, and the user changes its own to that', async () => {
  const secretId = await given('calm');
  // Secrets Manager does this when the schedule is set.
  await rotationStep('testSecret', { secretId, token: randomUUID() }, aws.options);
  const before = await aws.credentials(secretId);
  expect(before).toMatchObject({ username: 'calm', password: 'Given-by-others-1' });
  await rotate(secretId);
  const after = await aws.credentials(secretId);
  expect(after.password).toBe(before.nextPassword);
  expect(await aws.check('calm', after.password ?? '')).toBe('accepted');
  expect(await aws.check('calm', 'Given-by-others-1')).toBe('refused');
});

test('a rotation arrives at the next password wherever it dies, and tasks can start throughout', async () => {
  const secretId = await given('dying');
  await rotationStep('testSecret', { secretId, token: randomUUID() }, aws.options);
  const calm = await rotateDying(aws, secretId, 0, 'refuse-before');
  expect(changes(calm)).toHaveLength(2);
  for (const how of ['refuse-before', 'refuse-after'] as const) {
    for (const n of changes(calm)) {
      expect(await rotateDying(aws, secretId, n, how)).toMatchObject({ died: true });
    }
  }
});

test.each(['before', 'after'] as const)(
  'a rotation that dies %s the change itself can continue',
  async (when) => {
    const secretId = await given(`change-${when}`);
    await rotationStep('testSecret', { secretId, token: randomUUID() }, aws.options);
    const before = await aws.credentials(secretId);
    const own = aws.options.directory;
    const dying: RotationOptions['directory'] = {
      async setPassword(...change) {
        if (when === 'after') await own.setPassword(...change);
        throw new Error('dies here');
      },
    };
    const token = randomUUID();
    await expect(rotate(secretId, { directory: dying }, token)).rejects.toThrow('dies here');
    await expectStart(aws, secretId);
    await rotate(secretId, {}, token);
    expect((await aws.credentials(secretId)).password).toBe(before.nextPassword);
    expect(await aws.check(before.username ?? '', before.nextPassword ?? '')).toBe('accepted');
  },
);

test('a refusal of the directory is reported, and the old password still works', async () => {
  const secretId = await given('young');
  await rotate(secretId);
  await policy('--min-pwd-age=1');
  try {
    const before = await aws.credentials(secretId);
    await expect(rotate(secretId)).rejects.toThrow(
      /^The directory does not let young@.* change its password now; the old one still works\./,
    );
    expect(await aws.credentials(secretId)).toEqual(before);
    expect(await aws.check('young', before.password ?? '')).toBe('accepted');
  } finally {
    await policy('--min-pwd-age=0');
  }
  await rotate(secretId);
});

test.each([
  ['that the user had before', 'Given-by-others-1', /history|old passwords?/i],
  ['that is too simple', 'onlysmallletters', /complex/i],
  ['that is too short', 'Ab1-', /length|short|characters/i],
])(
  'a next password %s is refused in a sentence; with another one it goes on',
  async (kind, next, sentence) => {
    const secretId = await given(kind.replace(/.* /, 'next-'));
    await rotate(secretId);
    const held = await aws.credentials(secretId);
    const put = (nextPassword: string) =>
      aws.secrets.put(secretId, {
        ...{ token: randomUUID(), stage: 'AWSCURRENT' },
        value: JSON.stringify({ ...held, nextPassword }),
      });
    await put(next);
    const refused = await rotate(secretId).catch((error: Error) => error);
    expect((refused as Error).message).toMatch(sentence);
    expect((refused as Error).message).toContain('put another one there');
    expect((refused as Error).message).not.toContain(next);
    expect(await aws.check(held.username ?? '', held.password ?? '')).toBe('accepted');
    await put('Another-one-of-theirs-2');
    await rotate(secretId);
    expect(await aws.check(held.username ?? '', 'Another-one-of-theirs-2')).toBe('accepted');
  },
);

test('a password that somebody else has set is reported', async () => {
  const secretId = await given('changed');
  await domain.samba(['user', 'setpassword', 'changed', '--newpassword=Somebody-elses-2']);
  await expect(rotate(secretId)).rejects.toThrow(
    /takes neither the password of changed@.* in the secret nor the next one: somebody else has set another/,
  );
});

test('an unreachable directory is reported with the ports', async () => {
  const secretId = await given('away');
  const kdcs = [network.address(11)];
  const directory = createOwnPassword({ realm: domain.realm, kdcs, limit: 1000 });
  await expect(rotate(secretId, { directory })).rejects.toThrow(/ports? 88/);
});
