import { copyFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FailureCode } from '../../src/failures/failure-catalogue.ts';
import { createPublishedFile } from '../../src/publication/published-file.ts';
import { rc4 } from '../impostor-kdc.ts';
import {
  type FailureSite,
  host,
  type PlacedTools,
  password,
  realm,
  withoutResolver,
} from './failure-site.ts';
import { secretFailures } from './secret-failures.ts';

/** A cause, the code that it must get, and how to provoke it: `act` rejects. */
export type Cause = readonly [code: FailureCode, cause: string, act: (site: FailureSite) => Promise<unknown>];

/** The dynamic linker knows what `$LIB` is on this machine, see ld.so(8). */
const clock = (offset: string) => ({
  LD_PRELOAD: '/usr/$LIB/faketime/libfaketime.so.1',
  FAKETIME: offset,
  DONT_FAKE_MONOTONIC: '1',
});

const spn = (name: string) => `MSSQLSvc/${name}@${realm}`;
const ticket = (tools: PlacedTools, name = host) => tools.obtainServiceTicket(spn(name), 'service-ticket');

const signIn =
  (user: string, word = password) =>
  async (site: FailureSite) =>
    (await site.tools()).obtainTgt(user, word);

const askFor = (name: string) => async (site: FailureSite) => ticket(await site.signedIn(), name);

/** The domain controller answers a sign-in with an error of RFC 4120, section 7.5.9. */
const signInError = (code: number, data?: Buffer) => async (site: FailureSite) =>
  (await site.tools({ kdcs: [await site.refusing(code, data)] })).obtainTgt('reader', password);

/** The domain controller answers a request for a service ticket with such an error. */
const ticketError = (code: number) => async (site: FailureSite) =>
  ticket(await site.signedIn({ kdcs: [await site.refusing(code)] }));

const signInAt =
  (...kdcs: string[]) =>
  async (site: FailureSite) =>
    (await site.tools({ kdcs })).obtainTgt('reader', password);

const renewWith = (harm: (file: string) => Promise<unknown>) => async (site: FailureSite) => {
  const tools = await site.signedIn();
  await harm(tools.tgtFile);
  await tools.renewTgt();
};

const askWith = (harm: (file: string) => Promise<unknown>) => async (site: FailureSite) => {
  const tools = await site.signedIn();
  await harm(tools.tgtFile);
  await ticket(tools);
};

const noise = (file: string) => writeFile(file, 'This is no cache at all.');

const publishIn = (kind: 'full' | 'read-only') => async (site: FailureSite) =>
  createPublishedFile(join(await site.folder(kind), 'krbcache')).publish(Buffer.alloc(10_000));

const signInWithFolder = (kind: 'full' | 'read-only') => async (site: FailureSite) =>
  (await site.tools({ privateDirectory: await site.folder(kind) })).obtainTgt('reader', password);

/** Makes the accounts that the KDC needs: users `reader`, … and services, named by the first part of their name. */
export async function makeAccounts({ kadmin }: FailureSite): Promise<void> {
  const add = (name: string, options = '') => kadmin(`addprinc ${options} -pw "${password}" ${name}`);
  const service = (name: string, options = '') => add(`MSSQLSvc/${name}`, options);
  for (const [name, options] of [
    ['reader', '+requires_preauth'],
    ['without-preauth', ''],
    ['expired-password', '-pwexpire yesterday'],
    ['to-change', '+needchange'],
    ['disabled', '-allow_tix'],
    ['expired', '-expire yesterday'],
    ['with-card', '+requires_preauth +requires_hwauth'],
    ['rc4-only', '-e arcfour-hmac:normal'],
  ] as const) {
    await add(name, options);
  }
  await service(host);
  await service('no-tickets', '-allow_tgs_req');
  await service('a-user', '-allow_svr');
  await service('expired', '-expire yesterday');
  await service('rc4-session');
  await kadmin('setstr MSSQLSvc/rc4-session session_enctypes arcfour-hmac');
}

export const causes: readonly Cause[] = [
  ['kdc-unreachable', 'nobody listens', signInAt('127.81.255.254')],
  ['kdc-unreachable', 'the directory starts', signInError(29)],
  ['kdc-unreachable', 'the directory starts, and there is a TGT', ticketError(29)],
  [
    'kdc-name-unresolved',
    'the names have no address',
    signInAt('dc1.nothing.invalid', 'dc2.nothing.invalid:88'),
  ],
  [
    'kdc-name-unresolved',
    'no DNS server answers',
    async (site) => {
      const environment = { PATH: await withoutResolver(site) };
      const tools = await site.tools({ environment, kdcs: ['dc1.corp.example.com'] });
      await tools.obtainTgt('reader', password);
    },
  ],
  [
    'clock-skew',
    "the machine's clock was set after the sign-in",
    async (site) => {
      const privateDirectory = await site.folder('usual');
      const before = await site.tools({ privateDirectory, environment: clock('+20m') });
      await before.obtainTgt('reader', password);
      await ticket(await site.tools({ privateDirectory }));
    },
  ],
  ['clock-skew', 'domain controllers differ', ticketError(33)],
  ['password-refused', 'the password is wrong', signIn('reader', 'The wrong word')],
  [
    'password-refused',
    'it is wrong for a user without pre-authentication',
    signIn('without-preauth', 'Wrong'),
  ],
  ['password-refused', 'the domain controller says so at once', signInError(24)],
  ['password-expired', 'it has expired', signIn('expired-password')],
  ['password-expired', 'it must be changed', signIn('to-change')],
  ['password-expired', 'the domain controller says so at once', signInError(23)],
  ['account-locked', 'it is disabled', signIn('disabled')],
  ['account-locked', 'it has expired', signIn('expired')],
  ['account-locked', 'it is not valid yet', signInError(21)],
  ['client-unknown', 'there is no such user', signIn('nobody')],
  ['server-unknown', 'no account has the name', askFor('nowhere.corp.example.com')],
  ['server-refused', "the SQL Server's account has expired", askFor('expired')],
  ['server-refused', 'the name is on an account that is no service', askFor('a-user')],
  ['server-refused', 'its account is disabled', ticketError(19)],
  ['server-refused', 'its account is not valid yet', ticketError(22)],
  ['server-refused', 'two accounts have the name', ticketError(8)],
  ['realm-unknown', 'no domain controller is listed, and DNS has none', signInAt()],
  [
    'realm-unknown',
    'the realm in the name of the SQL Server is not trusted',
    async (site) => (await site.signedIn()).obtainServiceTicket(`MSSQLSvc/${host}@ELSEWHERE.EXAMPLE`, 'tgt'),
  ],
  ['realm-unknown', 'the listed domain controllers serve another realm', signInError(68)],
  ['encryption-unsupported', 'the user has RC4 alone', signIn('rc4-only')],
  ['encryption-unsupported', 'a domain controller asks for RC4', signInError(25, rc4)],
  ['encryption-unsupported', 'the SQL Server takes RC4 alone', askFor('rc4-session')],
  ['policy-refused', 'no tickets may be had for the account', askFor('no-tickets')],
  ['policy-refused', 'the user may not sign in here and now', signInError(12)],
  ['policy-refused', 'the way from realm to realm is not trusted by the domain controller', ticketError(28)],
  ['policy-refused', 'the way from realm to realm is not trusted', ticketError(51)],
  [
    'ticket-expired',
    'the TGT has ended',
    async (site) => ticket(await site.signedIn({ environment: clock('+20m') })),
  ],
  [
    'ticket-expired',
    'the TGT is not renewable',
    async (site) => {
      const tools = await site.tools({ renewableLifetime: 0 });
      await tools.obtainTgt('reader', password);
      await tools.renewTgt();
    },
  ],
  ['cache-missing', 'the TGT was removed', askWith(rm)],
  ['cache-missing', 'the TGT was removed before it is renewed', renewWith(rm)],
  [
    'cache-missing',
    "there is a cache without a TGT in the TGT's place",
    async (site) => {
      const tools = await site.signedIn();
      await writeFile(tools.tgtFile, await ticket(tools));
      await ticket(tools, 'another.corp.example.com');
    },
  ],
  ['cache-corrupt', 'the TGT was overwritten', askWith(noise)],
  ['cache-corrupt', 'the TGT was overwritten before it is renewed', renewWith(noise)],
  ['cache-corrupt', 'the TGT was emptied', renewWith((file) => truncate(file))],
  ['cache-corrupt', 'the TGT was cut off', renewWith((file) => truncate(file, 4))],
  [
    'cache-corrupt',
    'nothing follows its header',
    renewWith((file) => writeFile(file, Buffer.from([5, 4, 0, 0]))),
  ],
  ['no-permission', 'kinit may not write', signInWithFolder('read-only')],
  ['no-permission', 'the shared folder may not be written', publishIn('read-only')],
  ['disk-full', 'kinit has no room', signInWithFolder('full')],
  ['disk-full', 'the shared folder has no room', publishIn('full')],
  [
    'tool-missing',
    'kinit is not installed',
    async (site) => {
      const environment = { PATH: await site.folder('usual') };
      await (await site.tools({ environment })).obtainTgt('reader', password);
    },
  ],
  [
    'time-limit',
    'no domain controller says anything',
    async (site) => signInAt(await site.mute(), await site.mute(), await site.mute())(site),
  ],
  ...secretFailures,
  ['unexpected', 'the user needs a smart card', signIn('with-card')],
  ['unexpected', 'the domain controller has a reason of its own', signInError(60)],
  ['unexpected', 'it says what no document names', signInError(87)],
  // Whatever reason the domain controller has to refuse a TGT, the TGT is discarded.
  ['tgt-refused', 'the TGT was revoked', ticketError(20)],
  ['tgt-refused', 'the domain controller cannot read it', ticketError(31)],
  ['tgt-refused', 'the user was disabled', ticketError(18)],
  ['tgt-refused', 'the domain controller says what no document names', ticketError(87)],
];

/** These invalidate every TGT that the others hold. */
export const lastCauses: readonly Cause[] = [
  [
    'tgt-refused',
    "the directory's own key was changed",
    async (site) => {
      const tools = await site.signedIn();
      await copyFile(tools.tgtFile, `${tools.tgtFile}.before`);
      await site.kadmin(`cpw -randkey krbtgt/${realm}`);
      await ticket(tools);
    },
  ],
];
