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
  /** What the action is called in the pipeline. */
  readonly action: string;
  /** Names the action's variables. */
  readonly name: string;
  /** What the program works on, in the folder `$CODEBUILD_SRC_DIR`: as a rule what the synthesis has made. */
  readonly primaryInput: FileSet;
  /** What the program takes besides, each in the folder `$CODEBUILD_SRC_DIR_<artifact>`. */
  readonly furtherInputs?: readonly FileSet[];
  /** Names what is handed on: the program's folder, `$CODEBUILD_SRC_DIR`, as it leaves it; default: nothing. */
  readonly output?: string;
  /** Variables of this action alone, as a rule pipeline variables: values that are the execution's own. */
  readonly variables?: Readonly<Record<string, string>>;
  /** What the action starts. */
  readonly project: ToolProject;
}

/** An action that has a project for itself: its name is the project's, too. */
export type ToolStepProps = Omit<ToolActionProps, 'project'> & ToolProjectProps;

/**
 * An action that works on what the synthesis has made, with the programs of the pipeline that is in force: the folder
 * `$CODEBUILD_SRC_DIR_Tools_Source`. CDK Pipelines' own step would link a second input by commands of its own.
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
    // The actions whose variables these are must run before, and get a name for them.
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
