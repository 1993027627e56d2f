import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Buildspec, checkBuildspec } from '../../lib/constructs/common/buildspec.ts';
import type { Pipeline, PipelineAction, PipelineStage } from './pipeline.ts';
import { pseudoParameters, type Resource, resolve, type Template } from './template/resolve.ts';

export interface ReadPipelineOptions {
  /** Account and region of the pipeline's own stack. */
  readonly account: string;
  readonly region: string;
  /** Directory of the cloud assembly, in which CDK Pipelines keeps the buildspecs of some projects. */
  readonly assembly: string;
}

/**
 * Reads the pipeline of a synthesized template: its stages and actions in order, with everything that a build needs.
 *
 * @throws Error when the template has no pipeline, or one with an action of an unknown kind
 */
export function readPipeline(template: Template, options: ReadPipelineOptions): Pipeline {
  const pipeline = Object.values(template.Resources).find(
    ({ Type }) => Type === 'AWS::CodePipeline::Pipeline',
  );
  if (!pipeline) throw new Error('The template has no AWS::CodePipeline::Pipeline.');
  const references = pseudoParameters(options.account, options.region);
  const properties = resolve(pipeline.Properties, references) as PipelineProperties;
  return {
    name: properties.Name ?? '',
    stages: properties.Stages.map((stage) => readStage(stage, template, options)),
  };
}

interface PipelineProperties {
  readonly Name?: string;
  readonly Stages: readonly StageProperties[];
}

interface StageProperties {
  readonly Name: string;
  readonly Actions: readonly ActionProperties[];
  readonly OnFailure?: { readonly Result?: PipelineStage['onFailure'] };
  readonly BeforeEntry?: { readonly Conditions: readonly ConditionProperties[] };
}

interface ConditionProperties {
  readonly Result?: string;
  readonly Rules?: readonly {
    readonly RuleTypeId: { readonly Provider: string };
    readonly Configuration?: Readonly<Record<string, string>>;
  }[];
}

interface ActionProperties {
  readonly Name: string;
  readonly RunOrder: number;
  readonly ActionTypeId: { readonly Category: string; readonly Provider: string };
  readonly Configuration?: Readonly<Record<string, string>>;
  readonly InputArtifacts?: readonly { readonly Name: string }[];
  readonly OutputArtifacts?: readonly { readonly Name: string }[];
  readonly Namespace?: string;
  readonly Region?: string;
  readonly RoleArn?: string;
}

function readStage(stage: StageProperties, template: Template, options: ReadPipelineOptions): PipelineStage {
  return {
    name: stage.Name,
    onFailure: stage.OnFailure?.Result ?? 'FAIL',
    skippedIf: readEntry(stage),
    actions: stage.Actions.map((action) => readAction(stage.Name, action, template, options)).sort(
      (a, b) => a.runOrder - b.runOrder,
    ),
  };
}

/** @throws Error when the stage has a condition other than "skip if a variable has this value" */
function readEntry({ Name, BeforeEntry }: StageProperties): PipelineStage['skippedIf'] {
  if (!BeforeEntry) return undefined;
  const [{ Result, Rules = [] } = {}] = BeforeEntry.Conditions;
  const [{ RuleTypeId, Configuration = {} } = {}] = Rules;
  const { Variable: variable = '', Operator, Value: value = '' } = Configuration;
  if (
    Result !== 'SKIP' ||
    Rules.length !== 1 ||
    RuleTypeId?.Provider !== 'VariableCheck' ||
    Operator !== 'NE'
  ) {
    throw new Error(`The stage ${Name} has a condition that is not supported here.`);
  }
  return { variable, value };
}

function readAction(
  stage: string,
  action: ActionProperties,
  template: Template,
  options: ReadPipelineOptions,
): PipelineAction {
  const { Configuration: configuration = {}, RoleArn: role = '' } = action;
  const { Category: category, Provider: provider } = action.ActionTypeId;
  const common = {
    stage,
    name: action.Name,
    runOrder: action.RunOrder,
    provider,
    account: /^arn:aws:iam::(\d{12}):/.exec(role)?.[1] ?? options.account,
    region: action.Region ?? options.region,
    inputs: (action.InputArtifacts ?? []).map(({ Name }) => Name),
    outputs: (action.OutputArtifacts ?? []).map(({ Name }) => Name),
    namespace: action.Namespace,
    role: /^\$\{(\w+)\.Arn\}$/.exec(role)?.[1] ?? role,
  };
  switch (`${category}/${provider}`) {
    case 'Build/CodeBuild':
    case 'Test/CodeBuild':
      return { ...common, kind: 'build', ...readProject(configuration, template, options) };
    case 'Approval/Manual':
      return {
        ...common,
        kind: 'approval',
        summary: configuration.CustomData,
        link: configuration.ExternalEntityLink,
      };
    case 'Deploy/CloudFormation':
      return {
        ...common,
        kind: 'deploy',
        stackName: configuration.StackName ?? '',
        templatePath: configuration.TemplatePath?.split('::')[1] ?? '',
      };
    default:
      if (category === 'Source') return { ...common, kind: 'source', object: configuration.S3ObjectKey };
      throw new Error(`${stage}/${action.Name}: an action of ${category}/${provider} is not supported here.`);
  }
}

interface Variable {
  readonly Name: string;
  readonly Value: string;
}

interface ProjectProperties {
  readonly Source: { readonly BuildSpec: string };
  readonly Environment: {
    readonly Image: string;
    readonly PrivilegedMode?: boolean;
    readonly EnvironmentVariables?: readonly Variable[];
  };
  readonly TimeoutInMinutes?: number;
}

function readProject(
  configuration: Readonly<Record<string, string>>,
  template: Template,
  { account, region, assembly }: ReadPipelineOptions,
) {
  const project = configuration.ProjectName ?? '';
  const resource: Resource | undefined = template.Resources[project];
  if (!resource) throw new Error(`The template has no CodeBuild project ${project}.`);
  const { Source, Environment, TimeoutInMinutes } = resolve(
    resource.Properties,
    pseudoParameters(account, region),
  ) as ProjectProperties;
  const ofAction = JSON.parse(configuration.EnvironmentVariables ?? '[]') as {
    name: string;
    value: string;
  }[];
  return {
    project,
    buildspec: readProjectBuildspec(Source.BuildSpec, assembly),
    // The action's variables override the project's, as in CodePipeline.
    environment: Object.fromEntries([
      ...(Environment.EnvironmentVariables ?? []).map(({ Name, Value }) => [Name, Value]),
      ...ofAction.map(({ name, value }) => [name, value]),
    ]) as Record<string, string>,
    image: Environment.Image,
    privileged: Environment.PrivilegedMode ?? false,
    timeLimit: TimeoutInMinutes ?? 60,
  };
}

/** Reads a buildspec that is inline text or the name of a file in the cloud assembly. */
function readProjectBuildspec(text: string, assembly: string): Buildspec {
  const inline = text.includes('\n');
  return checkBuildspec(
    parse(inline ? text : readFileSync(join(assembly, text), 'utf8')),
    inline ? 'A buildspec of the pipeline' : text,
  );
}
