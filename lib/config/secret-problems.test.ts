import { describe, expect, test } from 'vitest';
import { said, type Values, withDirectory } from '../../test/infrastructure/estate-values.ts';
import { existingDatabase } from '../../test/infrastructure/example-deployment.ts';

const secret = (account = '222222222222', region = 'eu-central-1') =>
  `arn:aws:secretsmanager:${region}:${account}:secret:corp/a-AbCdEf`;
const kmsKeyArn = 'arn:aws:kms:eu-central-1:444444444444:key/01234567-89ab-cdef-0123-456789abcdef';
const administrator = (provisioning: Values): Values => ({ database: { ...existingDatabase, provisioning } });
const joined = (secretArn: string): Values =>
  withDirectory(
    {
      type: 'self-managed',
      dnsAddresses: ['10.20.1.10'],
      join: { ou: 'OU=SQL,DC=corp,DC=example,DC=com', secretArn },
    },
    { user: { secretArn: secret() } },
  );

describe('A secret that the configuration names', () => {
  test.each<[RegExp, Values]>([
    [
      /^deployment\.environments\[0\]\.database\.provisioning\.administratorSecretArn is .*: it must be a secret in the environment's region eu-central-1; Secrets Manager replicates it\.$/,
      administrator({ administratorSecretArn: secret('222222222222', 'eu-west-1') }),
    ],
    [
      /database\.provisioning\.kmsKeyArn is missing: it must be given for a secret of another account \(444444444444\)/,
      administrator({ administratorSecretArn: secret('444444444444') }),
    ],
    [
      /database\.provisioning\.kmsKeyArn is .*: it must be a key in the environment's region/,
      administrator({
        administratorSecretArn: secret('444444444444'),
        kmsKeyArn: kmsKeyArn.replace('eu-central-1', 'us-east-1'),
      }),
    ],
    [
      /directory\.join\.secretArn is .*: it must be a secret in the environment's region eu-central-1, where RDS reads it/,
      joined(secret('222222222222', 'eu-west-1')),
    ],
    ...['arn:aws-cn:', 'arn:aws-us-gov:'].map((partition): [RegExp, Values] => [
      /administratorSecretArn is .*: it must be the complete ARN of a secret/,
      administrator({ administratorSecretArn: secret().replace('arn:aws:', partition) }),
    ]),
  ])('is refused: %s', (sentence, values) => {
    expect(said(values)).toEqual([expect.stringMatching(sentence)]);
  });

  test.each<[string, Values]>([
    ['of the same account', administrator({ administratorSecretArn: secret() })],
    [
      'of another account, with its key',
      administrator({ administratorSecretArn: secret('444444444444'), kmsKeyArn }),
    ],
    ['that RDS reads', joined(secret())],
  ])('is accepted: %s', (_, values) => {
    expect(said(values)).toEqual([]);
  });
});
