import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Domain, startDomain } from '../../../../local/directory/domain.ts';
import { claimLoopbackNetwork, type LoopbackNetwork } from '../../../../local/directory/loopback-network.ts';
import { createPasswordCheck } from './password-check.ts';

const password = 'Correct horse 1 "battery" ünd';
let network: LoopbackNetwork;
let state: string;
let domain: Domain;

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'password-check-'));
  network = await claimLoopbackNetwork();
  domain = await startDomain({ network, stateDirectory: state });
  await domain.createUser('db-user', password);
});
afterAll(async () => {
  await domain?.dispose();
  await network?.release();
  await rm(state, { recursive: true, force: true });
});

const check = (kdcs = domain.kdcs) => createPasswordCheck({ realm: domain.name, kdcs, limit: 2000 });

test('tells the right password from a wrong one', async () => {
  expect(await check()('db-user', password)).toBe('accepted');
  expect(await check()('db-user', `${password} `)).toBe('refused');
});

test('goes on to the next domain controller', async () => {
  expect(await check([network.address(11), ...domain.kdcs])('db-user', password)).toBe('accepted');
});

test('names the cause if it is not the password', async () => {
  await expect(check()('nobody', password)).rejects.toThrow('the directory does not know the client');
  await expect(check([network.address(11)])('db-user', password)).rejects.toThrow(
    /No domain controller answered on TCP port 88: .*CORP.EXAMPLE.COM.* security group/,
  );
  await domain.samba(['user', 'disable', 'db-user']);
  await expect(check()('db-user', password)).rejects.toThrow('the account is disabled');
  await domain.samba(['user', 'enable', 'db-user']);
});

test('names a realm that the domain controller does not serve', async () => {
  const other = createPasswordCheck({ realm: 'other.example.com', kdcs: domain.kdcs, limit: 2000 });
  await expect(other('db-user', password)).rejects.toThrow(/another realm|does not know the client/);
});
