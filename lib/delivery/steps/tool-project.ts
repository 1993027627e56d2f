import type { Duration } from 'aws-cdk-lib';
import { PipelineProject } from 'aws-cdk-lib/aws-codebuild';
import { type IRole, type PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { FileSet } from 'aws-cdk-lib/pipelines';
import type { Construct } from 'constructs';
import { type BuildspecName, projectBuildspec } from '../../constructs/common/buildspec-file.ts';
import { artifactName } from '../artifacts/artifact-names.ts';
import type { BuildContext } from '../build-context.ts';
import { standardBuildImage } from '../codebuild-environments.ts';
import { buildLog } from '../roles/build-log.ts';
import { BuildRole } from '../roles/build-role.ts';

export interface ToolProjectProps {
  /** Names the CodeBuild project, `<deployment>-<name>`. */
  readonly name: string;
  readonly buildspec: BuildspecName;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeout: Duration;
  /** A name by which other accounts know the build's role; default: a generated one. */
  readonly roleName?: string | undefined;
  /** What the program needs. */
  readonly statements: readonly PolicyStatement[];
  /** Findings of cdk-nag on these statements, and why they are right. */
  readonly acknowledged?: Readonly<Record<string, string>>;
}

/** What the actions of one program have in common: the CodeBuild project, its role, and the role that starts it. */
export class ToolProject {
  readonly #context: BuildContext;
  readonly #props: ToolProjectProps;
  readonly #inputs = new Set<FileSet>();
  #output: FileSet | undefined;
  #made: { readonly project: PipelineProject; readonly starter: IRole } | undefined;

  constructor(context: BuildContext, props: ToolProjectProps) {
    this.#context = context;
    this.#props = props;
  }

  /** What an action gives its program, which the role may then read; before the first of the actions is made. */
  reads(inputs: readonly FileSet[]): void {
    for (const input of inputs) this.#inputs.add(input);
  }

  /** What its program hands on, its whole folder, which the role may then write; before the first of the actions is made. */
  writes(output: FileSet): void {
    this.#output = output;
  }

  /** The project and the role that starts it, which the first action of all makes, in its place. */
  in(scope: Construct, id: string): { readonly project: PipelineProject; readonly starter: IRole } {
    this.#made ??= this.#make(scope, id);
    return this.#made;
  }

  #make(scope: Construct, id: string) {
    const { deployment, logs, pipelineRole } = this.#context;
    const { name, buildspec, env = {}, timeout, roleName, statements, acknowledged = {} } = this.#props;
    const projectName = `${deployment.name}-${name}`;
    const role = new BuildRole(this.#context, `${name}-build-role`, {
      projectName,
      reports: [],
      inputs: [...this.#inputs],
      output: this.#output && artifactName(this.#output),
      roleName,
      statements,
      acknowledged,
    });
    const project = new PipelineProject(scope, id, {
      projectName,
      role: role.withoutPolicyUpdates(),
      // CodeBuild uploads what the buildspec names as artifacts.
      buildSpec: projectBuildspec(buildspec, { handsOn: this.#output !== undefined }),
      environment: { buildImage: standardBuildImage },
      environmentVariables: asVariables(env),
      logging: buildLog(logs, projectName).logging,
      timeout,
    });
    // Gets the right to start this project and no other.
    const starter = new Role(this.#context.scope, `${name}-action-role`, { assumedBy: pipelineRole });
    return { project, starter };
  }
}

/** Variables as CodeBuild and its actions take them. */
export function asVariables(values: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(values).map(([variable, value]) => [variable, { value }]));
}
