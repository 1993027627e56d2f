import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { FileSet } from 'aws-cdk-lib/pipelines';
import { acknowledge } from '../../constructs/common/acknowledge.ts';
import { anyArtifact, objectsFinding } from '../acknowledge-pipeline.ts';
import { artifactName, artifactPrefix } from '../artifacts/artifact-names.ts';
import type { BuildContext } from '../build-context.ts';
import { buildLog } from './build-log.ts';

export interface BuildRoleProps {
  readonly projectName: string;
  /** Names of the report groups that the build writes. */
  readonly reports: readonly string[];
  /** The artifacts that the build takes. */
  readonly inputs: readonly FileSet[];
  /** The name of the artifact that it hands on. */
  readonly output?: string | undefined;
  /** A name by which other accounts know it; default: a generated one. */
  readonly roleName?: string | undefined;
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
  constructor({ scope, deployment, artifacts, logs }: BuildContext, id: string, props: BuildRoleProps) {
    const { account, region } = Stack.of(scope);
    const arn = (resource: string) => `arn:aws:codebuild:${region}:${account}:${resource}`;
    super(scope, id, {
      description: `CodeBuild project ${props.projectName}`,
      ...(props.roleName && { roleName: props.roleName }),
      assumedBy: new ServicePrincipal('codebuild.amazonaws.com', {
        conditions: { ArnEquals: { 'aws:SourceArn': arn(`project/${props.projectName}`) } },
      }),
    });
    const log = buildLog(logs, props.projectName);
    for (const statement of log.statements) this.addToPolicy(statement);
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
    // Its own inputs and its own output: what another execution has made, and somebody perhaps approves just now, can be
    // neither read nor replaced.
    const prefixes = props.inputs.map((input) => artifactPrefix(deployment, artifactName(input)));
    artifacts.grantReadOf(this, prefixes);
    if (props.output) artifacts.grantWriteOf(this, artifactPrefix(deployment, props.output));
    acknowledge(this, {
      ...Object.fromEntries(
        [...prefixes, ...(props.output ? [artifactPrefix(deployment, props.output)] : [])].map((prefix) => [
          objectsFinding(artifacts, prefix),
          anyArtifact,
        ]),
      ),
      ...log.acknowledged,
      ...props.acknowledged,
    });
  }
}
