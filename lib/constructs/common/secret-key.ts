import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** The right to have Secrets Manager, and nothing else, decrypt with a key that is not AWS's own. */
export function mayDecryptSecrets(keyArn: string): PolicyStatement {
  const [, , , region] = keyArn.split(':');
  return new PolicyStatement({
    actions: ['kms:Decrypt'],
    resources: [keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${region}.amazonaws.com` } },
  });
}
