import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type KerberosSite, startKerberosSite } from '../../../local/testing/kerberos-site.ts';
import {
  changePassword,
  configurationFrom,
  KdcClient,
  obtainInitialTicket,
  type Principal,
  parsePrincipal,
} from '../src/index.ts';

let site: KerberosSite;
let kdc: KdcClient;
beforeAll(async () => {
  site = await startKerberosSite();
  kdc = new KdcClient({ configuration: configurationFrom(await readFile(site.domain.krb5Conf, 'utf8')) });
  await site.domain.samba(['domain', 'passwordsettings', 'set', '--min-pwd-age=0']);
});
afterAll(() => site?.dispose());

let changing: Principal;
let count = 0;
const old = 'Old horse 1 "battery"';
beforeEach(async () => {
  count += 1;
  await site.domain.createUser(`changing-${count}`, old);
  changing = parsePrincipal(`changing-${count}`, site.domain.realm);
});

test('a changed password works', async () => {
  const next = 'Neues Pferd 2 ünd';
  await changePassword(kdc, { client: changing, password: old, newPassword: next });
  await expect(obtainInitialTicket(kdc, { client: changing, password: next })).resolves.toBeDefined();
  await expect(obtainInitialTicket(kdc, { client: changing, password: old })).rejects.toMatchObject({
    code: 'KDC_ERR_PREAUTH_FAILED',
  });
  await expect(
    changePassword(kdc, { client: changing, password: old, newPassword: 'X' }),
  ).rejects.toMatchObject({
    code: 'KDC_ERR_PREAUTH_FAILED',
  });
});

test.each([
  ['short', 'aB1', /7 characters/],
  ['simple', 'aaaaaaaaaaaa', /complexity/],
  ['used before', old, /history/],
])('a password that is %s is refused, with the reason', async (_, newPassword, said) => {
  await expect(changePassword(kdc, { client: changing, password: old, newPassword })).rejects.toMatchObject({
    code: 'PASSWORD_CHANGE_REFUSED',
    message: expect.stringMatching(said),
  });
  await expect(obtainInitialTicket(kdc, { client: changing, password: old })).resolves.toBeDefined();
});

test('a password that must be changed allows only the change', async () => {
  await site.domain.samba([
    'user',
    'setpassword',
    String(changing.name.parts[0]),
    `--newpassword=${old}x`,
    '--must-change-at-next-login',
  ]);
  await expect(obtainInitialTicket(kdc, { client: changing, password: `${old}x` })).rejects.toMatchObject({
    code: 'KDC_ERR_KEY_EXPIRED',
  });
  await changePassword(kdc, { client: changing, password: `${old}x`, newPassword: 'Neues Pferd 3 !' });
  await expect(
    obtainInitialTicket(kdc, { client: changing, password: 'Neues Pferd 3 !' }),
  ).resolves.toBeDefined();
});

test('a password that was changed a moment ago may not be changed again, if the directory has a minimum age', async () => {
  await site.domain.samba(['domain', 'passwordsettings', 'set', '--min-pwd-age=1']);
  try {
    await expect(
      changePassword(kdc, { client: changing, password: old, newPassword: 'Neues Pferd 4 !' }),
    ).rejects.toMatchObject({
      code: 'PASSWORD_CHANGE_REFUSED',
      message: expect.stringContaining('minimum password age'),
    });
  } finally {
    await site.domain.samba(['domain', 'passwordsettings', 'set', '--min-pwd-age=0']);
  }
});
