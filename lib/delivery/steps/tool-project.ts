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
  /** A fixed name for the build's role, if other accounts trust it by name; default: a generated name. */
  readonly roleName?: string | undefined;
  /** What the program needs. */
  readonly statements: readonly PolicyStatement[];
  /** Findings of cdk-nag about these statements, and why they are accepted. */
  readonly acknowledged?: Readonly<Record<string, string>>;
}

/** What the actions of one program share: the CodeBuild project, its role, and the role that starts it. */
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

  /** Lets the program's role read an action's inputs. Call it before the first action is created. */
  reads(inputs: readonly FileSet[]): void {
    for (const input of inputs) this.#inputs.add(input);
  }

  /** Makes the program's whole folder its output, and lets the role write it. Call it before the first action is created. */
  writes(output: FileSet): void {
    this.#output = output;
  }

  /** The project and the role that starts it. The first action creates them, in its own scope. */
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
    // The action lets it start this project and no other.
    const starter = new Role(this.#context.scope, `${name}-action-role`, { assumedBy: pipelineRole });
    return { project, starter };
  }
}

/** Variables in the form that CodeBuild projects and actions take. */
export function asVariables(values: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(values).map(([variable, value]) => [variable, { value }]));
}
