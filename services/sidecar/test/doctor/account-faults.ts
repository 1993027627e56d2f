import { expect, test } from 'vitest';
import { type DoctorSite, expectFailure, nextPassword, password } from './doctor-site.ts';

/** A time as Active Directory stores it: units of 100 ns since 1601. */
const fileTime = (time: number) => String((BigInt(time) + 11_644_473_600_000n) * 10_000n);

/** Secrets, passwords and accounts. */
export function accountFaults(get: () => DoctorSite): void {
  test.for([
    ['no JSON', 'Secret of nobody'],
    ['no password', { username: 'doctor-user' }],
    ['a domain before the name', { username: 'CORP\\doctor-user', password }],
    ['another domain', { username: 'doctor-user', password, domainName: 'other.example.com' }],
    ['a key that is spelled otherwise', { UserName: 'doctor-user', password }],
  ] as const)('secret: %s; everything else is looked at', async ([, secret]) => {
    const run = await get().doctor({ secret });
    expectFailure(run, 'secret', { code: 'SECRET_INVALID', detail: /secret/ });
    expect(run.find('password')).toMatchObject({ status: 'skipped', detail: 'Needs the secret.' });
    expect(run.find('ticket')).toMatchObject({ status: 'skipped', detail: 'Needs the sign-in.' });
    expect(run.find('controller')?.status).toBe('passed');
    expect(run.find('tls-authority')?.status).toBe('passed');
  });

  test('settings: one is missing, one is wrong; nothing else can be examined', async () => {
    const run = await get().doctor({ environment: { SQL_DATABASE: undefined, SQL_SPN: 'nonsense' } });
    expectFailure(run, 'settings', { code: 'SETTINGS_INVALID', detail: /SQL_SPN.*SQL_DATABASE/ });
    expect(run.find('first-answer')?.status).toBe('skipped');
    const neither = await get().doctor({ environment: { CREDENTIALS: undefined } });
    expectFailure(neither, 'settings', { code: 'SETTINGS_INVALID', detail: /CREDENTIALS/ });
    expect(neither.find('secret')?.status).toBe('skipped');
  });

  test('password: it is wrong; one refusal, and none when the budget is used up', async () => {
    const site = get();
    const user = await site.account('wrong-password');
    const secret = { username: user, password: 'Not the right one 1' };
    const run = await site.doctor({ secret, folder: 'wrong-password' });
    expectFailure(run, 'password', { code: 'PASSWORD_REFUSED', detail: /KDC_ERR_PREAUTH_FAILED/ });
    expect(run.text).not.toContain('Not the right one');
    expect(await site.attribute(user, 'badPwdCount')).toBe('1');
    // The folder keeps the refusal, as the sidecar's does.
    const again = await site.doctor({ secret, folder: 'wrong-password' });
    expectFailure(again, 'password', { code: 'PASSWORD_WITHHELD', detail: /not tried before/ });
    const counted = await site.doctor({ secret, args: ['--json-lines', '--refusals', '3'] });
    expectFailure(counted, 'password', { code: 'PASSWORD_WITHHELD', detail: /not tried before/ });
    expect(await site.attribute(user, 'badPwdCount')).toBe('1');
  });

  test('password: both of the secret are wrong: two refusals; the third of three is not made', async () => {
    const site = get();
    const user = await site.account('both-wrong');
    const secret = { username: user, password: 'Not the right one 1', nextPassword: 'Nor is this one 2' };
    const all = await site.doctor({ secret, args: ['--json-lines', '--refusals', '2'] });
    expect(all.failures).toEqual(['password']);
    expect(await site.attribute(user, 'badPwdCount')).toBe('1');
    expect(all.text).not.toMatch(/Not the right|Nor is this/);
  });

  test('password: the next one is right, as in the middle of a rotation', async () => {
    const site = get();
    const user = await site.account('rotated');
    await site.domain.setPassword(user, nextPassword);
    const run = await site.doctor({ secret: { username: user, password, nextPassword } });
    expect(run.failures, run.text).toEqual([]);
    expect(run.find('password')?.detail).toContain('"nextPassword" of the secret');
    expect((await site.attribute(user, 'badPwdCount')) ?? '0').toBe('0');
  });

  test.for<[name: string, attribute: string, value: () => string, code: string, detail: RegExp]>([
    ['locked', 'lockoutTime', () => fileTime(Date.now()), 'KDC_ERR_CLIENT_REVOKED', /locked/],
    ['disabled', 'userAccountControl', () => '514', 'KDC_ERR_CLIENT_REVOKED', /disabled/],
    [
      'expired',
      'accountExpires',
      () => fileTime(Date.now() - 86_400_000),
      'KDC_ERR_CLIENT_REVOKED',
      /expired/,
    ],
    ['must-change', 'pwdLastSet', () => '0', 'KDC_ERR_KEY_EXPIRED', /expired|must be changed/],
    ['smart-card', 'userAccountControl', () => '262656', '', /./],
    // NORMAL_ACCOUNT and USE_DES_KEY_ONLY.
    [
      'des-only',
      'userAccountControl',
      () => '2097664',
      'KDC_ERR_ETYPE_NOSUPP',
      /no encryption type in common/,
    ],
  ])('password: the account is %s', async ([name, attribute, value, code, detail]) => {
    const site = get();
    const user = await site.account(name);
    await site.setAttribute(user, attribute, value());
    const run = await site.doctor({ user });
    if (code) expectFailure(run, 'password', { code, ask: 'directory', detail });
    else expect(run.failures, run.text).toEqual(['password']);
  });

  test('password: the account may not sign in at this hour', async () => {
    const { domain, account, doctor } = get();
    const user = await account('never-on-duty');
    const never = Buffer.alloc(21).toString('base64');
    await domain.modify(
      `dn: CN=${user},CN=Users,${domain.baseDn}\nchangetype: modify\nreplace: logonHours\nlogonHours:: ${never}\n-\n`,
    );
    const run = await doctor({ user });
    expectFailure(run, 'password', {
      ...{ code: 'KDC_ERR_CLIENT_REVOKED', ask: 'directory', detail: /not log in at this hour/ },
    });
    expect(run.find('password')?.remedy).toContain('logon hours');
  });

  test('password: the directory does not know the account', async () => {
    const run = await get().doctor({ secret: { username: 'stranger', password } });
    expectFailure(run, 'password', {
      ...{ code: 'KDC_ERR_C_PRINCIPAL_UNKNOWN', ask: 'directory', detail: /does not know/ },
    });
  });
}
