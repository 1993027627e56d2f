import { join } from 'node:path';
import { toolsAction } from '../../lib/config/pipeline-names.ts';
import type { Buildspec } from '../../lib/constructs/common/buildspec.ts';

/** A pipeline as its synthesized template describes it. */
export interface Pipeline {
  readonly name: string;
  readonly stages: readonly PipelineStage[];
}

export interface PipelineStage {
  readonly name: string;
  /** Sorted by run order. */
  readonly actions: readonly PipelineAction[];
  /** What CodePipeline does when an action of the stage fails. The stage stops in any case. */
  readonly onFailure: 'FAIL' | 'ROLLBACK' | 'RETRY' | 'SKIP';
  /** The stage is skipped if the variable has this value. */
  readonly skippedIf: { readonly variable: string; readonly value: string } | undefined;
}

/** The folder of the tools in an assembly, that is, the asset that is the pipeline's source of tools. */
export function toolsFolder({ stages }: Pipeline, assembly: string): string {
  const tools = stages.flatMap(({ actions }) => actions).find(({ name }) => name === toolsAction);
  const key = tools?.kind === 'source' ? (tools.object ?? '') : '';
  return join(assembly, `asset.${key.replace(/\.zip$/, '')}`);
}

interface CommonAction {
  readonly stage: string;
  readonly name: string;
  /** Actions of a stage with the same number run in parallel; those with the next number wait for them. */
  readonly runOrder: number;
  /** CodePipeline's provider, such as `CodeBuild` or `CloudFormation`. */
  readonly provider: string;
  /** The account that the action works in. */
  readonly account: string;
  readonly region: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** The namespace of the action's variables for later actions, as in `#{namespace.variable}`. */
  readonly namespace: string | undefined;
  /** Logical id of the role that CodePipeline assumes for the action, or the ARN of a role outside the template. */
  readonly role: string;
}

export interface SourceAction extends CommonAction {
  readonly kind: 'source';
  /** The object key of a source in S3. */
  readonly object: string | undefined;
}

export interface BuildAction extends CommonAction {
  readonly kind: 'build';
  /** Logical id of the CodeBuild project. */
  readonly project: string;
  readonly buildspec: Buildspec;
  /** Variables of the project and the action; values may contain pipeline variables, `#{namespace.variable}`. */
  readonly environment: Readonly<Record<string, string>>;
  readonly image: string;
  readonly privileged: boolean;
  /** In minutes. */
  readonly timeLimit: number;
}

export interface ApprovalAction extends CommonAction {
  readonly kind: 'approval';
  /** The text that the approver reads, usually a pipeline variable. */
  readonly summary: string | undefined;
  readonly link: string | undefined;
}

export interface DeployAction extends CommonAction {
  readonly kind: 'deploy';
  readonly stackName: string;
  /** Path of the template inside the cloud assembly. */
  readonly templatePath: string;
}

export type PipelineAction = SourceAction | BuildAction | ApprovalAction | DeployAction;
