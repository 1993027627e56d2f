import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
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
  expect(readCertificateAuthorities(path)).toBe(bundle);
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
  expect(() => readCertificateAuthorities(path)).toThrow(
    `SQL_TLS_CA_FILE is "${path}", but it must be a readable file of PEM certificates: ${why}.`,
  );
});

test('a file that is not there', () => {
  expect(() => readCertificateAuthorities(`${path}.none`)).toThrow('it cannot be read (ENOENT)');
});
