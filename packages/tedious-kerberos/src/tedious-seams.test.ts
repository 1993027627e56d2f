import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Connection } from 'tedious';
import messageIo from 'tedious/lib/message-io.js';
import { describe, expect, test } from 'vitest';

const written = '20.3.9';
const installed = createRequire(import.meta.url)('tedious/package.json').version as string;
const moved = (what: string) =>
  `tedious ${installed} has moved a seam that src/tedious-seams.ts is built on: ${what}. Compare its source with that of ${written}, adapt the seam, then this test.`;

test('the version is pinned exactly, and installed', () => {
  const { peerDependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  expect(peerDependencies.tedious, 'pin tedious to one version: its internals are used').toBe(written);
  expect(installed, moved('another version is installed than the seams were written for')).toBe(written);
});

describe('each method that is overridden or called', () => {
  // Compares a fingerprint of the source, so that a change of behaviour is noticed, not only a change of name.
  test.each([
    ['initialiseConnection', 'c2f2deda86b7'],
    ['connectOnPort', '6c3b1f500402'],
    ['wrapWithTls', '7e1e60d512e6'],
    ['readPreloginResponse', 'aa8a3e7c66da'],
    ['performTlsNegotiation', 'bf88e04ef661'],
    ['sendLogin7Packet', 'a119ce0a9f1a'],
    ['performSentLogin7WithStandardLogin', '7358901e18ef'],
    ['performReRouting', 'ed3ea7c2e3ff'],
    ['performTransientFailureRetry', '2c59879a76c3'],
    ['performLoggedInSendingInitialSql', 'f5c5ac3c8b6e'],
    ['socketEnd', '4af40469d979'],
    ['socketClose', '8a45de49d435'],
    ['dispatchEvent', '4fbd3e934eec'],
    ['wrapSocketError', 'a1e3a64fc99a'],
    ['close', '5e23a16de87c'],
    ['cleanupConnection', 'a0c312a7ed0e'],
    ['reset', '1bb27aee28f6'],
    ['getInitialSql', '3b46c2b2e5bc'],
    ['makeRequest', '5e28fb1a38e8'],
    ['callProcedure', '01c68b0a31db'],
    ['createTokenStreamParser', '314b375f44e9'],
    ['createRequestTimer', '90564d966c25'],
    ['createCancelTimer', '8905c0f785de'],
  ])('%s', (name, fingerprint) => {
    const method = (Connection.prototype as unknown as Record<string, unknown>)[name];
    expect(typeof method, moved(`Connection.${name} is gone`)).toBe('function');
    expect(fingerprintOf(String(method)), moved(`Connection.${name} is another`)).toBe(fingerprint);
  });
});

describe('each module that is imported', () => {
  test.each([
    ['login7-payload', '251deac103de'],
    ['instance-lookup', '13865a54c820'],
    ['message-io', 'cced0fb6633a'],
    ['incoming-message-stream', '34085b10c16f'],
    ['token/handler', 'e31601185c7b'],
    ['token/stream-parser', '496e6d245cd8'],
    ['token/helpers', '4b49dc91bd27'],
    ['token/sspi-token-parser', '0b037cdb2599'],
  ])('%s', (name, fingerprint) => {
    const file = createRequire(import.meta.url).resolve(`tedious/lib/${name}.js`);
    expect(fingerprintOf(sourceOf(file)), moved(`lib/${name}.js is another`)).toBe(fingerprint);
  });
});

/** Fingerprints of the tedious types that src/parameters refines, because it relies on their behaviour and known losses. */
test('the data types have not changed since they were refined', () => {
  const require = createRequire(import.meta.url);
  const names = ['data-type', ...refinedTypes.map((name) => `data-types/${name}`)];
  const sources = names.map((name) => sourceOf(require.resolve(`tedious/lib/${name}.js`)));
  expect(fingerprintOf(sources.join('\n')), moved('the data types are others')).toBe('de3c22067229');
});

const refinedTypes = [
  ...[
    'tinyint',
    'smallint',
    'int',
    'bigint',
    'float',
    'real',
    'decimal',
    'numeric',
    'money',
    'smallmoney',
    'bit',
  ],
  ...[
    'nvarchar',
    'nchar',
    'varchar',
    'char',
    'varbinary',
    'binary',
    'ntext',
    'text',
    'image',
    'uniqueidentifier',
  ],
  ...[
    'date',
    'datetime',
    'smalldatetime',
    'time',
    'datetime2',
    'datetimeoffset',
    'tvp',
    'plp-stream',
    'temporal',
  ],
];

test('the steps run in the order that the seams rely on', () => {
  const source = String(Connection.prototype.initialiseConnection);
  const order = [
    'this.connectOnPort(',
    'this.readPreloginResponse(',
    'this.performTlsNegotiation(',
    'this.sendLogin7Packet(',
    'this.performSentLogin7WithStandardLogin(',
    'this.performReRouting(',
    'this.performLoggedInSendingInitialSql(',
  ].map((call) => source.indexOf(call));
  expect(order, moved('the order of the login')).toEqual([...order].sort((a, b) => a - b));
  expect(order, moved('a step of the login is gone')).not.toContain(-1);
});

test('a connection has the states and fields that the seams read', () => {
  const connection = new Connection({ server: 'localhost' });
  const states = Object.values(connection.STATE).map(({ name }) => name);
  for (const name of [
    'SentPrelogin',
    'SentTLSSSLNegotiation',
    'SentLogin7WithStandardLogin',
    'LoggedInSendingInitialSql',
    'LoggedIn',
  ]) {
    expect(states, moved(`the state ${name}`)).toContain(name);
  }
  expect(connection, moved('a field of the connection')).toMatchObject({
    config: { server: 'localhost', authentication: { type: 'default' } },
    closed: false,
    inTransaction: false,
  });
  const { prototype } = messageIo as unknown as typeof messageIo.default;
  expect(prototype.sendMessage, moved('MessageIO.sendMessage')).toBeTypeOf('function');
  expect(prototype.readMessage, moved('MessageIO.readMessage')).toBeTypeOf('function');
});

function sourceOf(file: string): string {
  return readFileSync(file, 'utf8').replace(/\/\/# sourceMappingURL.*/, '');
}

function fingerprintOf(source: string): string {
  return createHash('sha256').update(source).digest('hex').slice(0, 12);
}
