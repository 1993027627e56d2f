import { expect, test } from 'vitest';
import { accountStatus } from './account-status.ts';
import { refusal } from './kerberos-error.ts';

/** KERB-ERROR-DATA of type 3 with KERB-EXT-ERROR ([MS-KILE], sections 2.2.1 and 2.2.2). */
function extended(status: number): Buffer {
  const value = Buffer.alloc(12);
  value.writeUInt32LE(status);
  value.writeUInt32LE(1, 8);
  return Buffer.concat([Buffer.from('3015a103020103a20e040c', 'hex'), value]);
}

const report = { code: 18, realm: 'CORP', server: 'krbtgt', serverTime: new Date(), text: undefined };

test.each([
  [0xc0000234, /locked/, /unlock/],
  [0xc0000072, /disabled/, /enable/],
  [0xc0000193, /expired/, /extend/],
  [0xc000006f, /hour/, /logon hours/],
  [0xc0000070, /machine/, /workstations/],
  [0xc0000413, /selective authentication/, /allowed to authenticate/],
])('NTSTATUS %i says more than the code', (status, cause, remedy) => {
  expect(accountStatus(extended(status))).toEqual([
    expect.stringMatching(cause),
    expect.stringMatching(remedy),
  ]);
  const error = refusal('The KDC x', { ...report, data: extended(status) });
  expect(error.code).toBe('KDC_ERR_CLIENT_REVOKED');
  expect(error.message).toMatch(cause);
  expect(error.hint.toLowerCase()).toMatch(remedy);
});

test.each([
  ['no data', undefined],
  ['other data', Buffer.from('300aa10402020088a2020400', 'hex')],
  ['data that are cut', extended(0xc0000234).subarray(0, 15)],
  ['a status that nobody has heard of', extended(0xc0fffff0)],
])('with %s it is the code that counts', (_, data) => {
  expect(accountStatus(data)).toBeUndefined();
  expect(refusal('The KDC x', { ...report, data }).message).toContain('disabled, locked');
});
