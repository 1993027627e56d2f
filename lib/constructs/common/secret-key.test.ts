import { expect, test } from 'vitest';
import { mayDecryptSecrets } from './secret-key.ts';

/** @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html */
test('a key may be used only through Secrets Manager in its region', () => {
  const key = 'arn:aws:kms:eu-central-1:222222222222:key/0123';
  expect(mayDecryptSecrets(key).toStatementJson()).toEqual({
    Effect: 'Allow',
    Action: 'kms:Decrypt',
    Resource: key,
    Condition: { StringEquals: { 'kms:ViaService': 'secretsmanager.eu-central-1.amazonaws.com' } },
  });
});
