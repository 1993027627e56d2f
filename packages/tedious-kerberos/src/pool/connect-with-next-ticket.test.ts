import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePrincipal, writeCredentialCache } from 'kerberos-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { watchCredentialCache } from '../credential-cache/watch-credential-cache.ts';
import type { LoginErrorCode } from '../errors/codes.ts';
import { LoginError } from '../errors/login-error.ts';
import { kerberos } from '../kerberos/kerberos-authenticator.ts';
import { connectWithNextTicket } from './connect-with-next-ticket.ts';

let directory: string;
let file: string;
let tickets = 0;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'next-ticket-'));
  file = join(directory, 'krbcache');
});
afterEach(() => rm(directory, { recursive: true }));

async function renew() {
  tickets += 1;
  await writeFile(`${file}.new`, `ticket ${tickets}`);
  await rename(`${file}.new`, file);
}

/** Fails with these codes one after another, then succeeds. `between` runs during the first attempt. */
function connecting(codes: LoginErrorCode[], between: () => Promise<void> | void = () => {}) {
  const run = {
    attempts: 0,
    async connect() {
      run.attempts += 1;
      if (run.attempts === 1) await between();
      const code = codes.shift();
      if (code) throw new LoginError(code, { message: `attempt ${run.attempts}` });
      return 'connected';
    },
  };
  return run;
}

/** Milliseconds to wait for something that is certain to happen, even on a busy machine. */
const patient = 100_000;

const within = (run: { connect(): Promise<string> }, milliseconds: number) =>
  connectWithNextTicket(
    run.connect,
    watchCredentialCache({ ccache: file }),
    AbortSignal.timeout(milliseconds),
  );

test('a successful login is not repeated', async () => {
  const run = connecting([]);
  await expect(within(run, patient)).resolves.toBe('connected');
  expect(run.attempts).toBe(1);
});

test.each<LoginErrorCode>(['CCACHE_NOT_FOUND', 'TICKET_EXPIRED', 'TICKET_MISSING', 'CCACHE_UNREADABLE'])(
  '%s waits for the next ticket and retries once',
  async (code) => {
    const run = connecting([code], () => {
      setImmediate(renew);
    });
    await expect(within(run, patient)).resolves.toBe('connected');
    expect(run.attempts).toBe(2);
  },
);

test('without a next ticket, the first error is thrown at the time limit', async () => {
  await renew();
  const run = connecting(['TICKET_EXPIRED']);
  await expect(within(run, 150)).rejects.toMatchObject({ code: 'TICKET_EXPIRED', message: 'attempt 1' });
  expect(run.attempts).toBe(1);
});

test('it retries once, not twice', async () => {
  const run = connecting(['TICKET_EXPIRED', 'TICKET_EXPIRED', 'TICKET_EXPIRED'], renew);
  await expect(within(run, patient)).rejects.toMatchObject({ message: 'attempt 2' });
});

test.each<LoginErrorCode>(['UNTRUSTED_DOMAIN', 'LOGIN_REFUSED', 'GSS_FAILED'])(
  'a login refused with %s does not wait, but is retried if the ticket was renewed in the meantime',
  async (code) => {
    await renew();
    const same = connecting([code]);
    await expect(within(same, patient)).rejects.toMatchObject({ code });
    expect(same.attempts).toBe(1);
    const renewed = connecting([code], renew);
    await expect(within(renewed, patient)).resolves.toBe('connected');
  },
);

test.each<LoginErrorCode>(['SERVER_NOT_AUTHENTIC', 'TLS_NAME_MISMATCH', 'KDC_UNREACHABLE', 'CANCELED'])(
  '%s is not retried, whatever the ticket',
  async (code) => {
    const run = connecting([code], renew);
    await expect(within(run, patient)).rejects.toMatchObject({ code });
    expect(run.attempts).toBe(1);
  },
);

test('removing the cache does not count as the next ticket', async () => {
  await renew();
  const run = connecting(['TICKET_EXPIRED'], () => rm(file));
  await expect(within(run, 150)).rejects.toMatchObject({ code: 'TICKET_EXPIRED' });
});

describe('the cache is the one that Kerberos uses', () => {
  afterEach(() => vi.unstubAllEnvs());

  async function configured(name: string, variable?: string) {
    const configuration = join(directory, 'krb5.conf');
    await writeFile(configuration, `[libdefaults]\n  default_ccache_name = ${name}\n`);
    vi.stubEnv('KRB5_CONFIG', configuration);
    vi.stubEnv('KRB5CCNAME', variable);
    return watchCredentialCache();
  }

  test.each([
    ['krb5.conf names', () => configured(`FILE:${file}`)],
    ['KRB5CCNAME names, whatever krb5.conf says', () => configured('KCM:', `FILE:${file}`)],
    ['a collection has as its first', () => configured(`DIR:${directory}`)],
  ])('that %s', async (_, watching) => {
    const watch = await watching();
    if (file.endsWith('krbcache')) await writeFile(join(directory, 'primary'), 'tktdb\n');
    expect(await watch.version()).toBe('none');
    await renew();
    await writeFile(join(directory, 'tktdb'), 'a ticket');
    expect(await watch.version()).toContain(directory);
    await watch.changedFrom('none', AbortSignal.timeout(patient));
  });

  test('set in the authenticator, whatever the process has', async () => {
    vi.stubEnv('KRB5CCNAME', `FILE:${file}`);
    await renew();
    const own = watchCredentialCache(kerberos({ ccache: `FILE:${join(directory, 'own')}` }));
    expect(await own.version()).toBe('none');
    await writeFile(join(directory, 'own'), 'a ticket');
    expect(await own.version()).toContain(join(directory, 'own'));
  });

  test('of the principal, in a collection', async () => {
    const write = (name: string, user: string) =>
      writeCredentialCache(join(directory, name), {
        principal: parsePrincipal(user),
        credentials: [],
        clockOffset: 0,
      });
    await write('tkt', 'db-user@CORP.EXAMPLE.COM');
    await write('tktother', 'reporting@CORP.EXAMPLE.COM');
    const watch = watchCredentialCache(kerberos({ ccache: `DIR:${directory}`, principal: 'reporting' }));
    const before = await watch.version();
    expect(before).toContain('tktother');
    await write('tkt', 'db-user@CORP.EXAMPLE.COM');
    expect(await watch.version()).toBe(before);
    await write('tktother', 'reporting@CORP.EXAMPLE.COM');
    expect(await watch.version()).not.toBe(before);
  });

  test.each(['KCM:', 'KEYRING:persistent:0', 'MEMORY:x'])(
    '%s cannot be looked at: the login itself is tried until the ticket is there',
    async (name) => {
      const watch = await configured(name);
      const run = connecting(['TICKET_MISSING', 'TICKET_MISSING']);
      await expect(connectWithNextTicket(run.connect, watch, AbortSignal.timeout(patient))).resolves.toBe(
        'connected',
      );
      expect(run.attempts).toBe(3);
    },
  );

  test('until the time is up', async () => {
    const watch = await configured('KCM:');
    const run = connecting(['TICKET_MISSING', 'TICKET_MISSING', 'TICKET_MISSING']);
    await expect(connectWithNextTicket(run.connect, watch, AbortSignal.timeout(50))).rejects.toMatchObject({
      code: 'TICKET_MISSING',
    });
  });
});
