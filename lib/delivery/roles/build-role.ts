import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { acknowledge } from '../../constructs/common/acknowledge.ts';
import { anyArtifact, objectsFinding } from '../acknowledge-pipeline.ts';
import type { BuildContext } from '../build-context.ts';

export interface BuildRoleProps {
  readonly projectName: string;
  /** A name of its own, where another account knows the role by it. */
  readonly roleName?: string | undefined;
  /** Names of the report groups that the build writes. */
  readonly reports: readonly string[];
  /** Whether the build hands an artifact on. */
  readonly writesArtifacts: boolean;
  /** What the build's own commands need. */
  readonly statements: readonly PolicyStatement[];
  /** Findings of cdk-nag on these statements, and why they are right. */
  readonly acknowledged: Readonly<Record<string, string>>;
}

/**
 * The role of one build: its log, its artifacts, its reports, and what its commands need. CDK's own role for a build
 * may also write reports where there are none, and logs of a group that is not used.
 */
export class BuildRole extends Role {
  constructor({ scope, artifacts, logs }: BuildContext, id: string, props: BuildRoleProps) {
    const { account, region } = Stack.of(scope);
    const arn = (resource: string) => `arn:aws:codebuild:${region}:${account}:${resource}`;
    super(scope, id, {
      ...(props.roleName && { roleName: props.roleName }),
      description: `CodeBuild project ${props.projectName}`,
      assumedBy: new ServicePrincipal('codebuild.amazonaws.com', {
        conditions: { ArnEquals: { 'aws:SourceArn': arn(`project/${props.projectName}`) } },
      }),
    });
    this.addToPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logs.logGroupArn],
      }),
    );
    if (props.reports.length > 0) {
      this.addToPolicy(
        new PolicyStatement({
          actions: [
            'codebuild:BatchPutTestCases',
            'codebuild:CreateReport',
            'codebuild:CreateReportGroup',
            'codebuild:UpdateReport',
          ],
          resources: props.reports.map((report) => arn(`report-group/${props.projectName}-${report}`)),
        }),
      );
    }
    for (const statement of props.statements) this.addToPolicy(statement);
    if (props.writesArtifacts) artifacts.grantReadWrite(this);
    else artifacts.grantRead(this);
    acknowledge(this, { [objectsFinding(artifacts)]: anyArtifact, ...props.acknowledged });
  }
}
