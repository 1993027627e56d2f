import { CodeBuildStep, type CodeBuildStepProps } from 'aws-cdk-lib/pipelines';
import { type BuildspecName, exportedVariables, stepBuildspec } from '../buildspec/buildspec-file.ts';

export interface BuildStepProps
  extends Omit<CodeBuildStepProps, 'commands' | 'installCommands' | 'partialBuildSpec'> {
  /** The file of `buildspecs/` that says what the build does. */
  readonly buildspec: BuildspecName;
}

/** A step of the pipeline whose every command comes from a file of `buildspecs/`. */
export class BuildStep extends CodeBuildStep {
  readonly #exported = new Map<string, string>();

  constructor(id: string, { buildspec, ...props }: BuildStepProps) {
    super(id, { ...props, commands: [], partialBuildSpec: stepBuildspec(buildspec) });
    // All of them, so that the project exports what its file says, whether or not somebody asks.
    for (const name of exportedVariables(buildspec)) this.exportedVariable(name);
  }

  /** Always the same token for a name: a step's outputs are found by identity. */
  override exportedVariable(name: string): string {
    const known = this.#exported.get(name) ?? super.exportedVariable(name);
    this.#exported.set(name, known);
    return known;
  }
}
