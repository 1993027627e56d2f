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
  /** The name of the action in the pipeline. */
  readonly action: string;
  /** The file in `buildspecs/` with the build's commands. */
  readonly buildspec: BuildspecName;
  /** Names the CodeBuild project, `<deployment>-<name>`; default: the action in lower case. */
  readonly name?: string;
  /** What the commands of the buildspec need. */
  readonly statements?: readonly PolicyStatement[];
  /** Findings of cdk-nag about these statements, and why they are accepted. */
  readonly acknowledged?: Readonly<Record<string, string>>;
}

/** A step of the pipeline with the commands of a file in `buildspecs/`, and its own roles. */
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
      // CDK Pipelines lets it start this project and no other.
      actionRole: new Role(context.scope, `${part}-action-role`, { assumedBy: context.pipelineRole }),
    });
    // Exports all variables that the file names, whether or not another step uses them.
    for (const variable of exportedVariables(buildspec)) this.exportedVariable(variable);
  }

  /** Returns the same token each time for a name, because CDK Pipelines finds a step's outputs by identity. */
  override exportedVariable(name: string): string {
    const known = this.#exported.get(name) ?? super.exportedVariable(name);
    this.#exported.set(name, known);
    return known;
  }
}
