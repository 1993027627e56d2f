import type { IStage } from 'aws-cdk-lib/aws-codepipeline';
import { CodeBuildAction } from 'aws-cdk-lib/aws-codepipeline-actions';
import {
  type CodePipelineActionFactoryResult,
  FileSet,
  type ICodePipelineActionFactory,
  type ProduceActionOptions,
  Step,
} from 'aws-cdk-lib/pipelines';
import type { BuildContext } from '../build-context.ts';
import { asVariables, ToolProject, type ToolProjectProps } from './tool-project.ts';

export interface ToolActionProps {
  /** The name of the action in the pipeline. */
  readonly action: string;
  /** The namespace of the action's variables. */
  readonly name: string;
  /** The program's main input, in the folder `$CODEBUILD_SRC_DIR`; usually the cloud assembly. */
  readonly primaryInput: FileSet;
  /** The program's other inputs, each in the folder `$CODEBUILD_SRC_DIR_<artifact>`. */
  readonly furtherInputs?: readonly FileSet[];
  /** Names the output artifact: the folder `$CODEBUILD_SRC_DIR` as the program leaves it; default: no output. */
  readonly output?: string;
  /** Variables of this action only, usually pipeline variables, whose values differ between executions. */
  readonly variables?: Readonly<Record<string, string>>;
  /** The project that the action starts. */
  readonly project: ToolProject;
}

/** An action with its own project, which has the same name. */
export type ToolStepProps = Omit<ToolActionProps, 'project'> & ToolProjectProps;

/**
 * An action that runs a program of the deployed pipeline, from the folder `$CODEBUILD_SRC_DIR_Tools_Source`. CDK Pipelines'
 * own step would add commands of its own to link a second input.
 */
export class ToolStep extends Step implements ICodePipelineActionFactory {
  readonly #props: ToolActionProps;
  readonly #inputs: readonly [FileSet, ...FileSet[]];

  constructor(context: BuildContext, props: ToolActionProps | ToolStepProps) {
    super(props.action);
    this.#props = 'project' in props ? props : { ...props, project: new ToolProject(context, props) };
    const further = [context.tools, ...(props.furtherInputs ?? [])];
    this.#inputs = [props.primaryInput, ...further];
    this.#props.project.reads(this.#inputs);
    if (props.output) this.configurePrimaryOutput(new FileSet(props.output, this));
    if (this.primaryOutput) this.#props.project.writes(this.primaryOutput);
    for (const input of this.#inputs) this.addDependencyFileSet(input);
    // Makes the actions that export these variables run before this one, with a namespace for them.
    this.discoverReferencedOutputs(props.variables ?? {});
  }

  /** Pipeline variable that the buildspec exports. */
  protected variable(name: string): string {
    return `#{${this.#props.name}.${name}}`;
  }

  produceAction(stage: IStage, options: ProduceActionOptions): CodePipelineActionFactoryResult {
    const { name, variables = {} } = this.#props;
    const { project, starter } = this.#props.project.in(
      options.scope,
      `${stage.stageName}-${options.actionName}`,
    );
    const [primary, ...further] = this.#inputs;
    stage.addAction(
      new CodeBuildAction({
        actionName: options.actionName,
        runOrder: options.runOrder,
        project,
        input: options.artifacts.toCodePipeline(primary),
        extraInputs: further.map((input) => options.artifacts.toCodePipeline(input)),
        ...(this.primaryOutput && { outputs: [options.artifacts.toCodePipeline(this.primaryOutput)] }),
        environmentVariables: asVariables(variables),
        variablesNamespace: name,
        role: starter,
      }),
    );
    return { runOrdersConsumed: 1, project };
  }
}
