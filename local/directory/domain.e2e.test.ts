import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Domain, startDomain } from './domain.ts';
import { claimLoopbackNetwork, type LoopbackNetwork } from './loopback-network.ts';

const password = 'Correct horse 1 "battery"';
const spn = 'MSSQLSvc/music-db.corp.example.com:1433';

describe('a domain on loopback', () => {
  let network: LoopbackNetwork;
  let state: string;
  let domain: Domain;

  beforeAll(async () => {
    state = await mkdtemp(join(tmpdir(), 'domain-test-'));
    network = await claimLoopbackNetwork();
    domain = await startDomain({ network, stateDirectory: state });
    await domain.createUser('db-user', password);
    await domain.createServiceAccount({ name: 'mssql', spns: [spn], keytab: join(state, 'mssql.keytab') });
  });
  afterAll(async () => {
    await domain?.dispose();
    await network?.release();
    await rm(state, { recursive: true, force: true });
  });

  const client = () => ({ ...domain.environment, KRB5CCNAME: `FILE:${join(state, 'ccache')}` });
  const kinit = (input: string) => execa('kinit', ['db-user'], { env: client(), input, reject: false });

  test('gives a ticket for the right password and none for a wrong one', async () => {
    expect((await kinit('not the password')).exitCode).not.toBe(0);
    expect((await kinit(password)).exitCode).toBe(0);
  });

  test('issues AES service tickets that the keytab can decrypt', async () => {
    await kinit(password);
    await execa('kvno', ['-k', join(state, 'mssql.keytab'), spn], { env: client() });
    const { stdout } = await execa('klist', ['-e'], { env: client() });
    expect(stdout).toMatch(/MSSQLSvc.*\n.*Etype.*aes256-cts-hmac-sha1-96, aes256-cts-hmac-sha1-96/);
  });

  test('keeps its accounts when the controller is restarted', async () => {
    await domain.stop();
    expect((await kinit(password)).stderr).toContain('Cannot contact any KDC');
    await domain.start();
    expect((await kinit(password)).exitCode).toBe(0);
  });

  test('makes added hosts resolve for processes that have its environment', async () => {
    await domain.addHost('music-db', network.address(20));
    const { stdout } = await execa('getent', ['ahostsv4', 'music-db.corp.example.com'], {
      env: domain.environment,
    });
    expect(stdout).toContain(network.address(20));
  });

  test('a change that the directory refuses fails with its message and has no effect', async () => {
    const description = async (name: string) =>
      /^description: (.*)$/m.exec(await domain.search(`(sAMAccountName=${name})`, ['description']))?.[1];
    const change = (name: string, text: string) =>
      `dn: CN=${name},CN=Users,${domain.baseDn}\nchangetype: modify\nreplace: description\ndescription: ${text}\n-\n\n`;
    await domain.modify(change('db-user', 'before'));
    await expect(domain.modify(change('db-user', 'after') + change('nobody', 'after'))).rejects.toThrow(
      /^ldbmodify: .*No such Base DN: CN=nobody/,
    );
    expect(await description('db-user')).toBe('before');
    await expect(domain.samba(['user', 'create', 'db-user', '--random-password'])).rejects.toThrow(
      /^samba-tool user create db-user: .*already (exists|in use)/,
    );
    await expect(domain.samba(['user', 'wash', 'db-user'])).rejects.toThrow('samba-tool user wash db-user');
    await domain.modify(change('db-user', 'after'));
    expect(await description('db-user')).toBe('after');
    expect(await description('nobody')).toBeUndefined();
  });

  test('its tools work again after their process has died', async () => {
    const before = await domain.samba(['domain', 'passwordsettings', 'show']);
    const own = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
    const commands = await Promise.all(
      own.map(async (pid) => [pid, await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')] as const),
    );
    const [[pid] = []] = commands.filter(
      ([, command]) => command.includes('samba_tools.py') && command.includes(domain.smbConf),
    );
    process.kill(Number(pid), 'SIGKILL');
    await expect
      .poll(() => domain.samba(['domain', 'passwordsettings', 'show']).catch((error: Error) => error.message))
      .toBe(before);
  });

  test('a second domain can run at the same time', async () => {
    const otherNetwork = await claimLoopbackNetwork();
    const otherState = await mkdtemp(join(tmpdir(), 'domain-test-'));
    const other = await startDomain({ network: otherNetwork, stateDirectory: otherState });
    try {
      expect(other.kdcs).not.toEqual(domain.kdcs);
    } finally {
      await other.dispose();
      await otherNetwork.release();
      await rm(otherState, { recursive: true, force: true });
    }
  });
});
