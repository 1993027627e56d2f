import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** The right to have Secrets Manager, and nothing else, use a key that is not AWS's own. */
export function mayUseForSecrets(keyArn: string, actions: string[]): PolicyStatement {
  const [, , , region] = keyArn.split(':');
  return new PolicyStatement({
    actions,
    resources: [keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${region}.amazonaws.com` } },
  });
}

/** The same to read a secret. */
export function mayDecryptSecrets(keyArn: string): PolicyStatement {
  return mayUseForSecrets(keyArn, ['kms:Decrypt']);
}
