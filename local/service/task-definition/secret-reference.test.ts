import { expect, test } from 'vitest';
import { readSecretReference, secretValue } from './secret-reference.ts';

const arn = 'arn:aws:secretsmanager:eu-central-1:222222222222:secret:user-AbCdEf';

test('a secret as a whole, or one key of one version', () => {
  expect(readSecretReference(arn)).toEqual({
    secretId: arn,
    jsonKey: undefined,
    versionStage: undefined,
    versionId: undefined,
  });
  expect(readSecretReference(`${arn}:password:AWSPREVIOUS:`)).toMatchObject({
    secretId: arn,
    jsonKey: 'password',
    versionStage: 'AWSPREVIOUS',
    versionId: undefined,
  });
});

test('what is no secret of Secrets Manager is named', () => {
  const parameter = 'arn:aws:ssm:eu-central-1:222222222222:parameter/x';
  expect(() => readSecretReference(parameter)).toThrow(`${parameter} is not the ARN of a secret`);
});

test('a key is taken from JSON; an error does not quote the secret', () => {
  const password = readSecretReference(`${arn}:password::`);
  expect(secretValue(password, '{"password":"correct horse"}')).toBe('correct horse');
  expect(secretValue(readSecretReference(arn), 'all of it')).toBe('all of it');
  for (const text of ['correct horse', '{"secret":"correct horse"}']) {
    expect(() => secretValue(password, text)).toThrow(/^(?!.*horse).*password\.$/);
  }
});
