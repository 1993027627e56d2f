import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { parseCredentialCache } from '../../src/kerberos/credential-cache.ts';
import { acceptContext, initiateContext } from '../security-context.ts';
import { test } from '../sidecar-test.ts';
import type { TestDomain } from '../test-domain.ts';

/** Long-lived tickets, so that no renewal comes before the end of the test. */
const environment = { TICKET_LIFETIME: '36000', TGT_LIFETIME: '36000', TICKET_REFRESH_SECONDS: '1' };

/** A SQL Server for this test; `host` is its account, and its keytab holds that account's key. */
async function sqlServer(directory: TestDomain, name: string) {
  const spn = `MSSQLSvc/${name}.corp.example.com:1433`;
  const onHost = async (host: string) => {
    const keytab = join(directory.directory, `${host}.keytab`);
    await directory.domain.createServiceAccount({ name: host, spns: [spn], keytab });
    return keytab;
  };
  return { spn, onHost };
}

export const keyChangeTests = () =>
  describe("when the SQL Server's key changes, as in a failover,", () => {
    test.for(['service-ticket', 'tgt'])(
      'publishes tickets for the new one by itself, in mode %s',
      async (mode, { directory, start, expect }) => {
        const name = `key-${mode}`;
        const user = await directory.user(`${name}-user`);
        const { spn, onHost } = await sqlServer(directory, name);
        await onHost(name);
        const running = await start({
          name,
          user,
          environment: { ...environment, TICKET_MODE: mode, SQL_SPN: spn },
        });
        await running.state('healthy');
        const keytab = await onHost(name);
        const changed = await running.next('ticket.key-changed');
        expect(changed.from).not.toEqual(changed.to);
        await running.next('ticket.published');
        const token = await initiateContext(running.shared, spn);
        expect(await acceptContext(directory, spn, keytab, token)).toBe(`${user}@CORP.EXAMPLE.COM`);
        // There was no sign-in for that, and no other state.
        expect(running.events.filter(({ event }) => event === 'tgt.obtained')).toHaveLength(1);
        expect(running.events.filter(({ event }) => event === 'state.changed')).toHaveLength(2);
        expect(running.metrics).toContainEqual(expect.objectContaining({ KeyChanges: 1 }));
        const cache = parseCredentialCache(await readFile(join(running.shared, 'krbcache')));
        const services = cache.tickets.filter(({ server }) => server.startsWith('MSSQLSvc'));
        expect(services).toHaveLength(1);
      },
    );

    // Accounts of new hosts have keys of the same low version, so the version alone does not distinguish them.
    test('publishes tickets for another account with a key of the same number', async ({
      directory,
      start,
      expect,
    }) => {
      const user = await directory.user('moved-user');
      const { spn, onHost } = await sqlServer(directory, 'moved-db');
      await onHost('host-a');
      const running = await start({ name: 'moved', user, environment: { ...environment, SQL_SPN: spn } });
      const first = await running.next('ticket.published');
      await directory.domain.samba(['spn', 'delete', spn, 'host-a']);
      const keytab = await onHost('host-b');
      await expect
        .poll(async () =>
          acceptContext(directory, spn, keytab, await initiateContext(running.shared, spn)).catch(String),
        )
        .toBe(`${user}@CORP.EXAMPLE.COM`);
      const cache = parseCredentialCache(await readFile(join(running.shared, 'krbcache')));
      expect(cache.tickets[0]?.keyVersion).toBe(first.keyVersion);
    });

    test('keeps the published ticket while no account has the name, and reports that once', async ({
      directory,
      start,
    }) => {
      const user = await directory.user('nobody-user');
      const { spn, onHost } = await sqlServer(directory, 'nobody-db');
      await onHost('nobody-db');
      const running = await start({ name: 'nobody', user, environment: { ...environment, SQL_SPN: spn } });
      await running.state('healthy');
      await directory.domain.samba(['spn', 'delete', spn, 'nobody-db']);
      expect(await running.next('ticket.refresh-failed')).toMatchObject({ code: 'server-unknown' });
      await onHost('nobody-db');
      await running.next('ticket.key-changed');
      expect(running.events.filter(({ event }) => event === 'ticket.refresh-failed')).toHaveLength(1);
      expect(await running.status()).toMatchObject({ state: 'healthy', lastError: null });
    });
  });

/** These tests change the key that all tickets of the domain depend on. */
export function krbtgtTests(): void {
  test('changes its own key: the TGT is discarded, the password signs in immediately, and there is always a ticket', async ({
    directory,
    start,
  }) => {
    const user = await directory.user('krbtgt-user');
    const running = await start({ name: 'krbtgt', user, environment });
    await running.state('healthy');
    // A domain controller also accepts the previous key.
    for (let change = 1; change <= 3; change++) {
      await directory.domain.setPassword('krbtgt', `Another key of the domain ${change}`);
    }
    expect(await running.next('tgt.discarded')).toMatchObject({
      code: 'tgt-refused',
      explanation: expect.stringContaining('kvno: '),
    });
    await running.next('tgt.obtained');
    await running.next('ticket.published');
    const states = running.events.filter(({ event }) => event === 'state.changed').map(({ to }) => to);
    expect(states).toEqual(['starting', 'healthy']);
    expect(running.text).not.toContain('renewal-failed');
  });
}
