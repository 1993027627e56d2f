import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { companyAuthority } from '../../test/infrastructure/example-deployment.ts';
import { readAuthorities } from './certificate-authorities.ts';

const company = readFileSync(companyAuthority, 'utf8');
let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'authorities-'));
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const server = ['-keyout', join(root, 'key.pem'), '-out', join(root, 'server.pem'), '-subj', '/CN=sql01'];
  execFileSync('openssl', [...request, ...server, '-addext', 'basicConstraints=critical,CA:FALSE'], {
    stdio: 'ignore',
  });
});
afterAll(() => rmSync(root, { recursive: true }));

const said = (content: string, now?: Date) => {
  writeFileSync(join(root, 'file.pem'), content);
  return readAuthorities('file.pem', now, root);
};

test('certificates of authorities are accepted, without the remarks between them', () => {
  const read = said(`# of the company\n${company}# again\n${company}`);
  expect(read).toEqual({ certificates: [company.trim(), company.trim()] });
});

test.each<[string, () => ReturnType<typeof said>, RegExp]>([
  ['an expired one', () => said(company, new Date('2121-01-01')), /number 1 \(O=Example.*\) expired on Jan/],
  ['one that is not valid yet', () => said(company, new Date('2019-01-01')), /is not valid before Jan/],
  [
    'one of a server',
    () => said(company + readFileSync(join(root, 'server.pem'), 'utf8')),
    /number 2 \(CN=sql01\) is not of an authority/,
  ],
  [
    'a damaged one',
    () => said('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'),
    /number 1 is damaged/,
  ],
  ['none', () => said('nothing'), /there is none in it/],
  ['a private key', () => said(company + readFileSync(join(root, 'key.pem'), 'utf8')), /holds a private key/],
  ['more than a task definition has room for', () => said(company.repeat(30)), /more than 16384 characters/],
  ['no file', () => readAuthorities('none.pem', undefined, root), /it cannot be read \(ENOENT\)/],
  ['a folder', () => readAuthorities('.', undefined, root), /it cannot be read \(EISDIR\)/],
  [
    'a file elsewhere',
    () => readAuthorities('../file.pem', undefined, join(root, 'x')),
    /begins at the top folder/,
  ],
  ['an absolute path', () => readAuthorities('/etc/ssl/cert.pem'), /begins at the top folder/],
])('%s is refused', (_, read, why) => {
  expect(read().problem).toMatch(
    /^a file of this repository with the certificates of authorities in PEM format: /,
  );
  expect(read().problem).toMatch(why);
});
