import { expect, test } from 'vitest';
import { kerberos } from './kerberos-authenticator.ts';

test.each(['', '@', 'user@', '@CORP', 'a//b', 'CORP\\user'])('%j is no principal', (principal) => {
  expect(() => kerberos({ principal })).toThrow(/The principal must be "user@REALM"/);
});

test.each(['user', 'user@CORP', 'service/host@CORP', 'a\\@b@CORP', 'jürgen'])(
  '%j may be a principal',
  (principal) => {
    expect(kerberos({ principal })).toHaveProperty('begin');
  },
);

test('an empty cache is not that of the process', () => {
  expect(() => kerberos({ ccache: '' })).toThrow(/"ccache" is empty/);
});

test('an option that there is not', () => {
  expect(() => kerberos({ SPN: 'MSSQLSvc/db:1433' } as never)).toThrow(
    /Kerberos has no "SPN", but spn, ccache/,
  );
});
