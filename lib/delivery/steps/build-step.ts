import { type PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { CodeBuildStep, type CodeBuildStepProps } from 'aws-cdk-lib/pipelines';
import {
  type BuildspecName,
  exportedVariables,
  readBuildspec,
  stepBuildspec,
} from '../../constructs/common/buildspec-file.ts';
import type { BuildContext } from '../build-context.ts';
import { buildLog } from '../roles/build-log.ts';
import { BuildRole } from '../roles/build-role.ts';

type OwnProps = Pick<
  CodeBuildStepProps,
  'input' | 'env' | 'primaryOutputDirectory' | 'buildEnvironment' | 'timeout'
>;

export interface BuildStepProps extends OwnProps {
  /** What the action is called in the pipeline. */
  readonly action: string;
  /** The file of `buildspecs/` that says what the build does. */
  readonly buildspec: BuildspecName;
  /** Names the CodeBuild project, `<deployment>-<name>`; default: the action in lower case. */
  readonly name?: string;
  /** What the commands of the buildspec need. */
  readonly statements?: readonly PolicyStatement[];
  /** Findings of cdk-nag on these statements, and why they are right. */
  readonly acknowledged?: Readonly<Record<string, string>>;
}

/** A step of the pipeline whose every command comes from a file of `buildspecs/`, with roles of its own. */
export class BuildStep extends CodeBuildStep {
  readonly #exported = new Map<string, string>();

  constructor(
    context: BuildContext,
    { action, buildspec, name, statements = [], acknowledged = {}, ...props }: BuildStepProps,
  ) {
    const part = name ?? action.toLowerCase();
    const projectName = `${context.deployment.name}-${part}`;
    const role = new BuildRole(context, `${part}-build-role`, {
      projectName,
      reports: Object.keys(readBuildspec(buildspec).reports ?? {}),
      inputs: props.input?.primaryOutput ? [props.input.primaryOutput] : [],
      output: props.primaryOutputDirectory && `${action}_Output`.replaceAll('-', '_'),
      statements,
      acknowledged,
    });
    super(action, {
      ...props,
      projectName,
      commands: [],
      partialBuildSpec: stepBuildspec(buildspec),
      role: role.withoutPolicyUpdates(),
      logging: buildLog(context.logs, projectName).logging,
      // Gets the right to start this project and no other.
      actionRole: new Role(context.scope, `${part}-action-role`, { assumedBy: context.pipelineRole }),
    });
    // All of them, so that the project exports what its file says, whether or not somebody asks.
    for (const variable of exportedVariables(buildspec)) this.exportedVariable(variable);
  }

  /** Always the same token for a name: a step's outputs are found by identity. */
  override exportedVariable(name: string): string {
    const known = this.#exported.get(name) ?? super.exportedVariable(name);
    this.#exported.set(name, known);
    return known;
  }
}
