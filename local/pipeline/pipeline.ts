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
  /** In run order. */
  readonly actions: readonly PipelineAction[];
  /** What CodePipeline does when an action of the stage fails; it stops there in any case. */
  readonly onFailure: 'FAIL' | 'ROLLBACK' | 'RETRY' | 'SKIP';
  /** The stage is passed over when the variable has this value. */
  readonly skippedIf: { readonly variable: string; readonly value: string } | undefined;
}

/** The folder of the tools in an assembly: the asset that the pipeline's own source of tools is made of. */
export function toolsFolder({ stages }: Pipeline, assembly: string): string {
  const tools = stages.flatMap(({ actions }) => actions).find(({ name }) => name === toolsAction);
  const key = tools?.kind === 'source' ? (tools.object ?? '') : '';
  return join(assembly, `asset.${key.replace(/\.zip$/, '')}`);
}

interface CommonAction {
  readonly stage: string;
  readonly name: string;
  /** Actions of one stage with the same number run side by side; the next number waits for them. */
  readonly runOrder: number;
  /** CodePipeline's provider, such as `CodeBuild` or `CloudFormation`. */
  readonly provider: string;
  /** Where the action works. */
  readonly account: string;
  readonly region: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Name under which later actions find this one's variables, as `#{namespace.variable}`. */
  readonly namespace: string | undefined;
  /** Logical id of the role that CodePipeline takes on for the action; its ARN for a role that is not in the template. */
  readonly role: string;
}

export interface SourceAction extends CommonAction {
  readonly kind: 'source';
  /** The key of the object, for a source in S3. */
  readonly object: string | undefined;
}

export interface BuildAction extends CommonAction {
  readonly kind: 'build';
  /** Logical id of the CodeBuild project. */
  readonly project: string;
  readonly buildspec: Buildspec;
  /** Variables of the project and the action; values may hold pipeline variables, `#{namespace.variable}`. */
  readonly environment: Readonly<Record<string, string>>;
  readonly image: string;
  readonly privileged: boolean;
  /** Minutes. */
  readonly timeLimit: number;
}

export interface ApprovalAction extends CommonAction {
  readonly kind: 'approval';
  /** The text that the person reads, usually a pipeline variable. */
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
