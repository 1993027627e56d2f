import { type CfnElement, Stack } from 'aws-cdk-lib';
import type { LoggingOptions } from 'aws-cdk-lib/aws-codebuild';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';

/** The log of one project's builds, and the permissions to write it. */
export interface BuildLog {
  readonly logging: LoggingOptions;
  readonly statements: readonly PolicyStatement[];
  /** The findings of cdk-nag about these statements, and why they are accepted. */
  readonly acknowledged: Readonly<Record<string, string>>;
}

/**
 * The log of a project's builds: its own streams in the shared log group, without permission to write to the streams of
 * other projects. Otherwise a build that runs a commit's code could write to the log that an approver reads.
 */
export function buildLog(group: ILogGroup, projectName: string): BuildLog {
  const { account, region } = Stack.of(group);
  const streams = (name: string) =>
    `arn:aws:logs:${region}:${account}:log-group:${name}:log-stream:${projectName}/*`;
  const logicalId = Stack.of(group).getLogicalId(group.node.defaultChild as CfnElement);
  return {
    logging: { cloudWatch: { logGroup: group, prefix: projectName } },
    statements: [
      // IAM can limit CreateLogStream only to a log group. An empty stream does no harm.
      new PolicyStatement({ actions: ['logs:CreateLogStream'], resources: [group.logGroupArn] }),
      new PolicyStatement({ actions: ['logs:PutLogEvents'], resources: [streams(group.logGroupName)] }),
    ],
    acknowledged: {
      [`IAM5[Resource::${streams(`<${logicalId}>`)}]`]:
        'Each build has a stream of its own, named by an id that CodeBuild gives it.',
    },
  };
}
