import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { beforeAll, describe, expect, test } from 'vitest';
import { type IssuedCertificate, issueCertificate } from '../../../local/testing/tds-server/certificate.ts';
import { Connection, type ConnectionConfig, createPool, type TlsConfig } from '../src/index.ts';

let certificate: IssuedCertificate;
beforeAll(async () => {
  certificate = await issueCertificate('localhost');
});

const damaged = () => certificate.ca.replace(/(?<=BEGIN CERTIFICATE-----\n)./, '!');
const wrong: readonly [string, () => unknown, RegExp][] = [
  ['an empty string', () => '', /it holds no certificate/],
  ['no bytes', () => Buffer.alloc(0), /it holds no certificate/],
  ['a text without certificates', () => 'not found', /it holds no certificate/],
  ['a page of a proxy', () => '<html>404</html>', /it holds no certificate/],
  ['the path of a file', () => '/etc/ssl/certs/rds.pem', /it holds no certificate/],
  ['a key', () => certificate.key, /it holds no certificate/],
  ['the head of one', () => certificate.ca.split('\n', 3).join('\n'), /it holds no certificate/],
  ['a damaged one', damaged, /it holds a damaged certificate, number 1/],
  ['a damaged one after a good one', () => `${certificate.ca}\n${damaged()}`, /certificate, number 2/],
  [
    'two files concatenated without a line break',
    () => certificate.ca.trim() + certificate.ca,
    /it holds a certificate that shares a line with something else, number 1: put a line break/,
  ],
  ['one after something on its line', () => `${certificate.ca}\n# ${certificate.ca}`, /, number 2/],
  ['one indented by a space', () => ` ${certificate.ca}`, /, number 1/],
  ['one before something on its line', () => `${certificate.ca.trim()}# end`, /, number 1/],
  ['one after a byte order mark in the middle of a text', () => `\n\ufeff${certificate.ca}`, /, number 1/],
  ['an empty list', () => [], /the list is empty/],
  ['a list with an empty string', () => [certificate.ca, ''], /number 2 holds no certificate/],
  ['a list with a hole', () => [certificate.ca, undefined], /number 2 is neither text nor bytes/],
  ['a number', () => 1, /it is neither text nor bytes/],
  ['a promise of one', () => Promise.resolve(certificate.ca), /it is neither text nor bytes/],
];

describe.each<[string, (ca: unknown) => ConnectionConfig]>([
  ['tls.ca', (ca) => ({ server: 'localhost', tls: { ca } as TlsConfig })],
  [
    'options.cryptoCredentialsDetails.ca',
    (ca) => ({ server: 'localhost', options: { cryptoCredentialsDetails: { ca: ca as string } } }),
  ],
])('%s', (name, configWith) => {
  test.each(wrong)('%s is rejected with an explanation', (_, ca, sentence) => {
    const config = configWith(ca());
    for (const make of [() => new Connection(config), () => createPool({ connection: config })]) {
      expect(make).toThrow(TypeError);
      expect(make).toThrow(sentence);
      expect(make).toThrow(`"${name}" must be certificates of authorities in PEM format: `);
    }
  });

  test.each<[string, () => unknown]>([
    ['nothing', () => undefined],
    ['a text', () => certificate.ca],
    ['bytes', () => Buffer.from(certificate.ca)],
    ['a view of bytes', () => new Uint8Array(Buffer.from(certificate.ca))],
    ['with text around it', () => `Issuer: CN=ü\r\n${certificate.ca.replaceAll('\n', '\r\n')}\nend`],
    ['with spaces at the ends of its lines', () => certificate.ca.trim().replaceAll('\n', ' \t\n')],
    ['after a byte order mark', () => `\ufeff${certificate.ca}`],
    ['after a byte order mark, in bytes', () => Buffer.from(`\ufeff${certificate.ca}`)],
    ['as old versions of OpenSSL write it', () => certificate.ca.replaceAll(/(?= CERTIFICATE)/g, ' X509')],
    ['a list', () => [certificate.ca, Buffer.from(certificate.cert)]],
  ])('%s is accepted', (_, ca) => {
    expect(() => new Connection(configWith(ca()))).not.toThrow();
  });
});

/** Counts the certificates that are parsed while connections are made. */
function certificatesRead(act: () => void): number {
  const { X509Certificate } = crypto;
  let count = 0;
  crypto.X509Certificate = class extends X509Certificate {
    constructor(...bytes: ConstructorParameters<typeof X509Certificate>) {
      super(...bytes);
      count += 1;
    }
  };
  syncBuiltinESMExports();
  try {
    act();
  } finally {
    crypto.X509Certificate = X509Certificate;
    syncBuiltinESMExports();
  }
  return count;
}

describe('authorities that passed the check are not parsed again', () => {
  const connect = (ca: readonly unknown[]) =>
    void new Connection({ server: 'localhost', tls: { ca: ca as string[] } });
  const list = (name: string, length: number, filler = '') =>
    Array.from({ length }, (_, index) => `${name} ${index} ${filler}\n${certificate.ca}`);

  test.each([
    ['one', 1, ''],
    ['as many as a region has', 21, ''],
    ['as many as Amazon RDS has', 150, ''],
    ['more than all that is kept', 40, 'x'.repeat(200_000)],
  ])('in a list of %s', (name, length, filler) => {
    const authorities = list(name, length, filler);
    expect(certificatesRead(() => connect(authorities))).toBe(length);
    expect(certificatesRead(() => connect(authorities))).toBe(0);
    expect(certificatesRead(() => connect(authorities))).toBe(0);
  });

  test('in two alternating lists', () => {
    const [one, other] = [
      list('one of two', 150),
      list('other of two', 150).map((text) => Buffer.from(text)),
    ];
    const read = certificatesRead(() => [one, other, one, other, one, other].forEach(connect));
    expect(read).toBe(300);
  });

  test('as long as there is room: the least recently used are dropped first', () => {
    const [small, large] = [list('small', 1), list('large', 30, 'y'.repeat(200_000))];
    connect(small);
    connect(large);
    expect(certificatesRead(() => connect(large))).toBe(0);
    expect(certificatesRead(() => connect(small))).toBe(1);
  });
});
