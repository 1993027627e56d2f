import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** Permission to use a customer managed key through Secrets Manager only. */
export function mayUseForSecrets(keyArn: string, actions: string[]): PolicyStatement {
  const [, , , region] = keyArn.split(':');
  return new PolicyStatement({
    actions,
    resources: [keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${region}.amazonaws.com` } },
  });
}

/** The same for reading a secret. */
export function mayDecryptSecrets(keyArn: string): PolicyStatement {
  return mayUseForSecrets(keyArn, ['kms:Decrypt']);
}
