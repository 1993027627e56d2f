import { expect, test } from 'vitest';
import { kerberos } from './kerberos-authenticator.ts';

test.each(['', '@', 'user@', '@CORP', 'a//b', 'CORP\\user'])('%j is not a principal', (principal) => {
  expect(() => kerberos({ principal })).toThrow(/The principal must be "user@REALM"/);
});

test.each(['user', 'user@CORP', 'service/host@CORP', 'a\\@b@CORP', 'jürgen'])(
  '%j may be a principal',
  (principal) => {
    expect(kerberos({ principal })).toHaveProperty('begin');
  },
);

test.each(['KCM:', 'KEYRING:persistent:0', 'API:tickets', 'MEMORY:tickets'])(
  'the cache %s is reported as not being a file, with a way to use it nevertheless',
  async (ccache) => {
    const session = kerberos({ ccache }).begin({ host: 'music-db.corp.example.com', port: 1433 });
    await expect(
      session.initialToken(AbortSignal.timeout(100_000), Promise.resolve(undefined)),
    ).rejects.toMatchObject({
      ...{ code: 'CCACHE_UNSUPPORTED', step: 'ticket', message: expect.stringContaining(ccache) },
      hint: expect.stringContaining('kerberos({ native: true })'),
    });
  },
);

test('an empty "ccache" does not mean the cache of the process', () => {
  expect(() => kerberos({ ccache: '' })).toThrow(/"ccache" is empty/);
});

test.each<[object, RegExp]>([
  [{ channelBinding: 'false' }, /"channelBinding" of Kerberos must be true or false, not "false"/],
  [{ native: 1 }, /"native" of Kerberos must be true or false, not 1/],
  [{ ccache: 5 }, /"ccache" of Kerberos must be a string, not 5/],
  [{ principal: null }, /"principal" of Kerberos must be a string, not null/],
  [{ spn: { host: 'db' } }, /"spn" of Kerberos must be a string or a function, not an object/],
])('the options %j are refused', (options, sentence) => {
  expect(() => kerberos(options)).toThrow(sentence);
});

test.each([null, 'MSSQLSvc/db:1433', []])('%j is not an options object', (options) => {
  expect(() => kerberos(options as never)).toThrow(/The options of Kerberos must be an object, not/);
});

test('an unknown option is rejected', () => {
  expect(() => kerberos({ SPN: 'MSSQLSvc/db:1433' } as never)).toThrow(
    /Kerberos does not take "SPN", only spn, ccache/,
  );
});
