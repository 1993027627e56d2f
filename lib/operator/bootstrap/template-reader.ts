import type { Deployment } from '../../config/index.ts';
import type { PolicyDocument } from './execution-policy.ts';

/**
 * What the reader of templates may do: read what the deployment's stacks and the bootstrap's are made of. The look-up
 * role of the bootstrap, which CDK would use, has ReadOnlyAccess: files and logs of the account as well.
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

/** Who may be the reader: whoever the tools account, or this one, gives the right to; `npm run bootstrap` is among them. */
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
