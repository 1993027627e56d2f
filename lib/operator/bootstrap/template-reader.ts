import type { Deployment } from '../../config/index.ts';
import type { PolicyDocument } from './execution-policy.ts';

/**
 * The rights of the template reader: to read descriptions and templates of the deployment's stacks and of the
 * bootstrap's. The bootstrap's look-up role, which CDK would use, has ReadOnlyAccess, and so could also read the
 * account's files and logs.
 */
export function templateReaderPolicy({ name }: Deployment, account: string): PolicyDocument {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'TemplatesOfTheStacks',
        Effect: 'Allow',
        Action: ['cloudformation:DescribeStacks', 'cloudformation:GetTemplate'],
        Resource: [`${name}-*`, 'CDKToolkit*'].map(
          (stack) => `arn:aws:cloudformation:*:${account}:stack/${stack}/*`,
        ),
      },
    ],
  };
}

/**
 * Lets every principal assume the role to which the tools account, or this account, gives the right; `npm run
 * bootstrap` uses it.
 */
export function templateReaderTrust({ tools }: Deployment, account: string) {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: [...new Set([tools.account, account])].map((id) => `arn:aws:iam::${id}:root`) },
        Action: 'sts:AssumeRole',
        Condition: { Null: { 'sts:ExternalId': 'true' } },
      },
    ],
  };
}
