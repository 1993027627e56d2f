import { type CfnElement, Stack } from 'aws-cdk-lib';
import type { LoggingOptions } from 'aws-cdk-lib/aws-codebuild';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';

/** Where the builds of one project write their logs, and the right to do so. */
export interface BuildLog {
  readonly logging: LoggingOptions;
  readonly statements: readonly PolicyStatement[];
  /** The finding of cdk-nag on these statements, and why it is right. */
  readonly acknowledged: Readonly<Record<string, string>>;
}

/**
 * The log of a project's builds: streams of its own in the group of all, and no right to write into those of others. A
 * build that runs a commit's code could otherwise write into the log that an approver is sent to.
 */
export function buildLog(group: ILogGroup, projectName: string): BuildLog {
  const { account, region } = Stack.of(group);
  const streams = (name: string) =>
    `arn:aws:logs:${region}:${account}:log-group:${name}:log-stream:${projectName}/*`;
  const logicalId = Stack.of(group).getLogicalId(group.node.defaultChild as CfnElement);
  return {
    logging: { cloudWatch: { logGroup: group, prefix: projectName } },
    statements: [
      // IAM lets a stream be made by its group alone; one that nobody has written into says nothing.
      new PolicyStatement({ actions: ['logs:CreateLogStream'], resources: [group.logGroupArn] }),
      new PolicyStatement({ actions: ['logs:PutLogEvents'], resources: [streams(group.logGroupName)] }),
    ],
    acknowledged: {
      [`IAM5[Resource::${streams(`<${logicalId}>`)}]`]:
        'Each build has a stream of its own, named by an id that CodeBuild gives it.',
    },
  };
}
