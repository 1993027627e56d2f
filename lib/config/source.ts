import * as z from 'zod';
import { branch } from './branch.ts';
import { bucketName } from './bucket-name.ts';
import type { Problem } from './environment-problems.ts';
import { accountNumber, section, text } from './fields.ts';
import { isKnownRegion } from './regions.ts';

/** Where the pipeline gets the code from. */
export const source = z.discriminatedUnion(
  'type',
  [
    section({
      type: z.literal('connection'),
      connectionArn: text(
        /^arn:aws:(codeconnections|codestar-connections):[^:]+:\d{12}:connection\/[0-9a-f-]+$/,
        'the ARN of a CodeConnections connection',
      ).refine((arn) => isKnownRegion(arn.split(':')[3] ?? ''), {
        error: 'the ARN of a CodeConnections connection, in a region that exists',
      }),
      ownerAccount: accountNumber
        .optional()
        .describe('The owner of the connection, if it is shared with the tools account.'),
      repository: text(
        /^(?=.{3,255}$)(?!.*(^|\/)\.{1,2}(\/|$))[\w.-]+(\/[\w.-]+){1,22}$(?<!\.git)/,
        'a repository as "owner/name", or "group/subgroup/name" in GitLab, without ".git"',
      ),
      branch,
    }),
    section({
      type: z.literal('codecommit'),
      repository: text(
        /^(?!\.{1,2}$)[\w.-]{1,100}$(?<!\.git)/,
        'the name of a CodeCommit repository in the tools account, which never ends in ".git"',
      ),
      branch,
    }),
    section({
      type: z.literal('s3'),
      bucket: bucketName,
      key: text(/^(?=.{5,1024}$)[\w./-]+\.zip$/, 'the key of a zip file, of at most 1024 characters'),
    }),
  ],
  { error: 'a source with type "connection", "codecommit" or "s3"' },
);

/**
 * Contradictions between the source and the tools account. A connection can be used in all regions, but shared with
 * other accounts only under the service's newer name.
 *
 * @see https://docs.aws.amazon.com/dtconsole/latest/userguide/connections-share.html
 */
export function sourceProblems(deployment: {
  readonly source: z.output<typeof source>;
  readonly tools: { readonly account: string };
}): Problem[] {
  const { source, tools } = deployment;
  if (source.type !== 'connection') return [];
  const { connectionArn, ownerAccount = tools.account } = source;
  const [, , service, , account] = connectionArn.split(':');
  const problem = (message: string) => [{ path: ['source', 'connectionArn'], input: connectionArn, message }];
  if (account !== ownerAccount) {
    const unless =
      source.ownerAccount === undefined ? ', unless ownerAccount names the account that shares it' : '';
    return problem(`the ARN of a connection of the account ${ownerAccount}${unless}`);
  }
  if (account === tools.account || service === 'codeconnections') return [];
  return problem(
    `"arn:aws:codeconnections:…" where it is shared by the account ${account}: those of codestar-connections cannot be shared`,
  );
}
