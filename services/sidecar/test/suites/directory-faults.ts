import { createServer, type Server } from 'node:net';
import { describe, expect } from 'vitest';
import { test } from '../sidecar-test.ts';
import { password } from '../test-domain.ts';

/** Needs exclusive use of the domain. */
export function outageTests(): void {
  test('is down for longer than a ticket lives: degraded, then unhealthy, then healthy again without help', async ({
    directory,
    start,
  }) => {
    const user = await directory.user('outage');
    // Renewed so early that the first failure comes long before the ticket expires.
    const environment = { TICKET_LIFETIME: '30', RENEW_AT: '0.05' };
    const running = await start({ name: 'outage', user, environment });
    await running.state('healthy');
    await directory.domain.stop();
    try {
      const degraded = await running.state('degraded');
      expect(degraded.lastError).toMatchObject({ code: 'kdc-unreachable' });
      expect(Date.parse(degraded.endsAt ?? '')).toBeGreaterThan(Date.parse(degraded.lastError?.at ?? ''));
      expect(await running.health()).toMatchObject({
        exitCode: 0,
        line: expect.stringMatching(/^degraded: /),
      });

      expect((await running.state('unhealthy')).lastError?.code).toBe('kdc-unreachable');
      expect((await running.health()).exitCode).toBe(1);
      const waits = running.events.filter(({ event }) => event === 'ticket.renewal-failed');
      expect(waits.map(({ failures }) => failures)).toEqual(waits.map((_, index) => index + 1));
    } finally {
      await directory.domain.start();
    }
    expect(await running.state('healthy')).toMatchObject({ lastError: null });
    expect((await running.health()).exitCode).toBe(0);
  });
}

export const directoryFaultTests = () =>
  describe('when the directory', () => {
    test('has a first domain controller that refuses connections: the second gives the ticket', async ({
      directory,
      start,
    }) => {
      const user = await directory.user('dead-first');
      const kdcs = [directory.network.address(99), ...directory.domain.kdcs].join(',');
      const running = await start({ name: 'dead-first', user, environment: { DIRECTORY_KDCS: kdcs } });
      expect(await running.state('healthy')).toMatchObject({ generation: 1, lastError: null });
    });

    test('has a first domain controller that never answers: the second gives the ticket, and is asked first from then on', async ({
      directory,
      start,
    }) => {
      const user = await directory.user('mute-first');
      const mute = await listen(directory.network.address(98), 88);
      const kdcs = [directory.network.address(98), ...directory.domain.kdcs].join(',');
      try {
        const running = await start({ name: 'mute-first', user, environment: { DIRECTORY_KDCS: kdcs } });
        expect(await running.next('kdc.silent')).toMatchObject({ kdc: directory.network.address(98) });
        expect(await running.state('healthy')).toMatchObject({ generation: 1, lastError: null });
        running.signal('SIGHUP');
        await running.next('ticket.published');
        expect(running.events.filter(({ event }) => event === 'kdc.silent')).toHaveLength(1);
      } finally {
        mute.close();
      }
    });

    test('has no trust to the realm in the name of the SQL Server: that is reported, not a wrong name', async ({
      directory,
      start,
    }) => {
      const user = await directory.user('no-way');
      const environment = { SQL_SPN: 'MSSQLSvc/sql.child.example.org:1433@CHILD.EXAMPLE.ORG' };
      const running = await start({ name: 'no-way', user, environment });
      expect((await running.state('unhealthy')).lastError).toMatchObject({
        code: 'realm-unknown',
        message: expect.stringMatching(/the trust\. \(kvno: .*krbtgt\/CHILD\.EXAMPLE\.ORG/),
      });
    });

    test('has locked the account: says so, tries no password meanwhile, and comes back when it is unlocked', async ({
      directory,
      start,
    }) => {
      const user = await directory.user('locked');
      // A lockout as Active Directory stores it: the time, in units of 100 ns since 1601.
      const lockoutTime = (BigInt(Date.now()) + 11_644_473_600_000n) * 10_000n;
      await directory.setAttribute(user, 'lockoutTime', String(lockoutTime));
      const running = await start({ name: 'locked', user });
      expect((await running.state('unhealthy')).lastError?.code).toBe('account-locked');
      await directory.setAttribute(user, 'lockoutTime', '0');
      expect(await running.state('healthy')).toMatchObject({ lastError: null });
      expect(running.text).not.toContain('password.refused');
    });

    test('has let the password expire: says so, and comes back when it is set', async ({
      directory,
      start,
    }) => {
      const user = await directory.user('expired');
      await directory.setAttribute(user, 'pwdLastSet', '0');
      const running = await start({ name: 'expired', user });
      expect((await running.state('unhealthy')).lastError).toMatchObject({
        code: 'password-expired',
        message: expect.stringContaining('Rotate the secret'),
      });
      await directory.domain.setPassword(user, password);
      await running.state('healthy');
    });

    test('does not know the service principal name: says so, signs in once, and comes back when it does', async ({
      directory,
      start,
    }) => {
      const user = await directory.user('no-spn');
      const name = 'MSSQLSvc/late-db.corp.example.com:1433';
      const running = await start({ name: 'no-spn', user, environment: { SQL_SPN: name } });
      expect((await running.state('unhealthy')).lastError?.code).toBe('server-unknown');
      await running.next('ticket.renewal-failed', ({ failures }) => failures === 2);
      await directory.domain.samba(['spn', 'add', name, 'mssql']);
      expect(await running.state('healthy')).toMatchObject({ spn: name });
      expect(running.events.filter(({ event }) => event === 'tgt.obtained')).toHaveLength(1);
    });

    test('does not know the user: says so, and comes back when it does', async ({ directory, start }) => {
      // A user is made in several steps, and the sidecar may try in between: the password may be refused once.
      const environment = { PASSWORD_ATTEMPTS_WINDOW: '3' };
      const running = await start({ name: 'no-user', user: 'newcomer', environment });
      expect((await running.state('unhealthy')).lastError?.code).toBe('client-unknown');
      await directory.user('newcomer');
      await running.state('healthy');
    });
  });

/** Accepts connections and never answers. */
function listen(host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.on('error', () => {}));
    server.once('error', reject).listen({ host, port }, () => resolve(server));
  });
}
