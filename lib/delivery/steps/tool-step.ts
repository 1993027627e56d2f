import type { Duration } from 'aws-cdk-lib';
import { PipelineProject } from 'aws-cdk-lib/aws-codebuild';
import type { IStage } from 'aws-cdk-lib/aws-codepipeline';
import { CodeBuildAction } from 'aws-cdk-lib/aws-codepipeline-actions';
import { type PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import {
  type CodePipelineActionFactoryResult,
  type FileSet,
  type ICodePipelineActionFactory,
  type IFileSetProducer,
  type ProduceActionOptions,
  Step,
} from 'aws-cdk-lib/pipelines';
import { type BuildspecName, projectBuildspec } from '../../constructs/common/buildspec-file.ts';
import type { BuildContext } from '../build-context.ts';
import { standardBuildImage } from '../codebuild-environments.ts';
import { BuildRole } from '../roles/build-role.ts';

export interface ToolStepProps {
  /** What the action is called in the pipeline. */
  readonly action: string;
  /** Names the CodeBuild project, `<deployment>-<name>`, and the action's variables. */
  readonly name: string;
  readonly buildspec: BuildspecName;
  /** What the program works on, in the folder `$CODEBUILD_SRC_DIR`: as a rule what the synthesis has made. */
  readonly primaryInput: IFileSetProducer;
  /** What the program takes besides, each in the folder `$CODEBUILD_SRC_DIR_<artifact>`. */
  readonly furtherInputs?: readonly IFileSetProducer[];
  readonly env?: Readonly<Record<string, string>>;
  /** Variables whose values are the execution's own: pipeline variables. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly timeout: Duration;
  /** A name by which other accounts know the build's role; default: a generated one. */
  readonly roleName?: string;
  /** What the program needs. */
  readonly statements: readonly PolicyStatement[];
  /** Findings of cdk-nag on these statements, and why they are right. */
  readonly acknowledged?: Readonly<Record<string, string>>;
}

/**
 * An action that works on what the synthesis has made, with the programs of the pipeline that is in force: the folder
 * `$CODEBUILD_SRC_DIR_Tools_Source`. CDK Pipelines' own step would link a second input by commands of its own.
 */
export class ToolStep extends Step implements ICodePipelineActionFactory {
  readonly #context: BuildContext;
  readonly #props: ToolStepProps;
  readonly #inputs: readonly [FileSet, ...FileSet[]];

  constructor(context: BuildContext, props: ToolStepProps) {
    super(props.action);
    this.#context = context;
    this.#props = props;
    const further = [context.tools, ...(props.furtherInputs ?? [])];
    this.#inputs = [fileSet(props.primaryInput), ...further.map(fileSet)];
    for (const input of this.#inputs) this.addDependencyFileSet(input);
    // The actions whose variables these are must run before, and get a name for them.
    this.discoverReferencedOutputs(props.variables ?? {});
  }

  /** Pipeline variable that the buildspec exports. */
  protected variable(name: string): string {
    return `#{${this.#props.name}.${name}}`;
  }

  produceAction(stage: IStage, options: ProduceActionOptions): CodePipelineActionFactoryResult {
    const { scope, deployment, logs, pipelineRole } = this.#context;
    const { name, buildspec, env = {}, variables = {}, timeout, roleName } = this.#props;
    const { statements, acknowledged = {} } = this.#props;
    const projectName = `${deployment.name}-${name}`;
    const role = new BuildRole(this.#context, `${name}-build-role`, {
      projectName,
      reports: [],
      inputs: this.#inputs,
      roleName,
      statements,
      acknowledged,
    });
    const project = new PipelineProject(options.scope, `${stage.stageName}-${options.actionName}`, {
      projectName,
      role: role.withoutPolicyUpdates(),
      buildSpec: projectBuildspec(buildspec),
      environment: { buildImage: standardBuildImage },
      environmentVariables: asVariables(env),
      logging: { cloudWatch: { logGroup: logs } },
      timeout,
    });
    const [primary, ...further] = this.#inputs;
    stage.addAction(
      new CodeBuildAction({
        actionName: options.actionName,
        runOrder: options.runOrder,
        project,
        input: options.artifacts.toCodePipeline(primary),
        extraInputs: further.map((input) => options.artifacts.toCodePipeline(input)),
        environmentVariables: asVariables(variables),
        variablesNamespace: name,
        // Gets the right to start this project and no other.
        role: new Role(scope, `${name}-action-role`, { assumedBy: pipelineRole }),
      }),
    );
    return { runOrdersConsumed: 1, project };
  }
}

function asVariables(values: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(values).map(([variable, value]) => [variable, { value }]));
}

function fileSet({ primaryOutput }: IFileSetProducer): FileSet {
  if (!primaryOutput) throw new Error('A step that hands nothing on is no input.');
  return primaryOutput;
}
