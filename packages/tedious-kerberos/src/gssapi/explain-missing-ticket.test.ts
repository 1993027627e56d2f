import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CachedCredential, parsePrincipal, writeCredentialCache } from 'kerberos-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { explainMissingTicket } from './explain-missing-ticket.ts';

const spn = 'MSSQLSvc/db.corp.example.com:1433';
const target = { host: 'db.corp.example.com', port: 1433 };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'explain-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** A cache with an expired ticket for the service. */
async function ended(name: string, client: string): Promise<void> {
  const long = new Date(0);
  const ticket: CachedCredential = {
    client: parsePrincipal(client),
    server: parsePrincipal(`${spn}@CORP.EXAMPLE.COM`),
    ...{ keyType: 18, key: Buffer.alloc(32), isSessionKey: false, flags: 0 },
    ...{ authenticatedAt: long, startsAt: long, endsAt: new Date(1000), renewableUntil: undefined },
    ...{ addresses: [], authorizationData: [], ticket: Buffer.from('t'), secondTicket: Buffer.alloc(0) },
  };
  const cache = { principal: ticket.client, credentials: [ticket], clockOffset: 0 };
  await writeCredentialCache(join(folder, name), cache);
}

async function configured(name: string): Promise<void> {
  const file = join(folder, 'krb5.conf');
  await writeFile(file, `[libdefaults]\n  default_ccache_name = ${name}\n`);
  vi.stubEnv('KRB5_CONFIG', file);
  vi.stubEnv('KRB5CCNAME', undefined);
}

test('the explanation comes from the cache that krb5.conf names', async () => {
  await ended('cache', 'db-user@CORP.EXAMPLE.COM');
  await configured(`FILE:${join(folder, 'cache')}`);
  expect(await explainMissingTicket('TICKET_MISSING', { spn, target })).toMatchObject({
    code: 'TICKET_EXPIRED',
    detail: expect.stringContaining('The ticket of db-user@CORP.EXAMPLE.COM'),
  });
});

test('in a collection, it comes from the cache of the principal', async () => {
  await ended('tkt', 'other@CORP.EXAMPLE.COM');
  await ended('tkt1', 'db-user@CORP.EXAMPLE.COM');
  await configured(`DIR:${folder}`);
  const wanted = { spn, target, principal: 'db-user' };
  expect((await explainMissingTicket('TICKET_MISSING', wanted)).detail).toContain('The ticket of db-user@');
});

test('a cache that is not a file explains nothing', async () => {
  await configured('KCM:');
  expect(await explainMissingTicket('TICKET_EXPIRED', { spn, target })).toEqual({ code: 'TICKET_EXPIRED' });
});
