import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Domain, startDomain } from '../../../local/directory/domain.ts';
import { claimLoopbackNetwork, type LoopbackNetwork } from '../../../local/directory/loopback-network.ts';
import { createSambaDirectory } from '../../../local/directory/samba-directory.ts';
import { createPasswordCheck, type Directory, provisionDirectoryUser } from '../src/index.ts';
import {
  changes,
  type Death,
  type InterruptibleAws,
  rotateDying,
  startInterruptibleAws,
} from './interruptible-aws.ts';

let network: LoopbackNetwork;
let state: string;
let domain: Domain;
let directory: Directory;
let aws: InterruptibleAws;

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'interrupted-'));
  network = await claimLoopbackNetwork();
  domain = await startDomain({ network, stateDirectory: state });
  // At each death of these rotations, a starting task may try a password that is not set yet.
  await domain.samba(['domain', 'passwordsettings', 'set', '--account-lockout-threshold=0']);
  directory = createSambaDirectory(domain);
  const checkPassword = createPasswordCheck({ realm: domain.realm, kdcs: domain.kdcs });
  aws = await startInterruptibleAws({ domain: directory, checkPassword });
});
afterAll(async () => {
  await aws?.stop();
  await domain?.dispose();
  await network?.release();
  await rm(state, { recursive: true, force: true });
});

const userOf = (name: string) => ({
  ...aws.options,
  secretId: `secret/${name}`,
  username: name,
  owner: 'stack/user',
});

const deaths: readonly Death[] = ['refuse-before', 'refuse-after'];

test('a user of a real domain is made once, and can sign in, wherever provisioning dies', async () => {
  const calm = await aws.dying(0, 'refuse-before', () => provisionDirectoryUser(userOf('calm')));
  expect(changes(calm)).toHaveLength(3);
  for (const how of deaths) {
    for (const n of changes(calm)) {
      const name = `${how}-${n}`;
      const { died } = await aws.dying(n, how, () => provisionDirectoryUser(userOf(name)));
      expect(died).toBe(true);
      await provisionDirectoryUser(userOf(name));
      const { password = '' } = await aws.credentials(`secret/${name}`);
      expect(await aws.check(name, password)).toBe('accepted');
      expect(await directory.findUser(name)).toEqual({ username: name, owner: 'stack/user' });
    }
  }
});

test('a rotation in a real domain arrives at the next password wherever it dies, and tasks can start throughout', async () => {
  await provisionDirectoryUser(userOf('db-user'));
  const calm = await rotateDying(aws, 'secret/db-user', 0, 'refuse-before');
  expect(changes(calm)).toHaveLength(3);
  for (const how of deaths) {
    for (const n of changes(calm)) {
      expect(await rotateDying(aws, 'secret/db-user', n, how)).toMatchObject({ died: true });
    }
  }
});
