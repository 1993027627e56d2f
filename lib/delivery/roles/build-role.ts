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
  /** The artifacts that the build reads. */
  readonly inputs: readonly FileSet[];
  /** The name of the artifact that it writes. */
  readonly output?: string | undefined;
  /** A fixed name, if other accounts trust the role by name; default: a generated name. */
  readonly roleName?: string | undefined;
  /** What the build's own commands need. */
  readonly statements: readonly PolicyStatement[];
  /** Findings of cdk-nag about these statements, and why they are accepted. */
  readonly acknowledged: Readonly<Record<string, string>>;
}

/**
 * The role of one build, for its log, its artifacts, its reports, and what its commands need. The CDK's own role may also
 * write reports that do not exist, and a log group that is not used.
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
    // Only the prefixes of its own inputs and output: it can neither read nor replace other artifacts, which somebody may
    // be approving at the moment.
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
