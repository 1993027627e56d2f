import { relative } from 'node:path';
import { App, type Stage } from 'aws-cdk-lib';
import { type CodePipeline, type FileSet, type StackAsset, StageDeployment } from 'aws-cdk-lib/pipelines';
import type { Environment, ImageDigests } from '../config/index.ts';
import {
  approvalStageName,
  type EnvironmentPart,
  environmentParts,
  stageName,
} from '../config/pipeline-names.ts';
import { DatabaseStage } from '../stages/database-stage.ts';
import { NetworkDirectoryStage } from '../stages/network-directory-stage.ts';
import { ServiceStage } from '../stages/service-stage.ts';
import type { BuildContext } from './build-context.ts';
import { ChangeApprovalStep } from './steps/change-approval-step.ts';
import { ChangeSummaryStep, type ComparedStack } from './steps/change-summary-step.ts';
import { IntegrationTestStep } from './steps/integration-test-step.ts';
import { PublishAssetsStep } from './steps/publish-assets-step.ts';

export interface EnvironmentPromotionProps {
  readonly environment: Environment;
  readonly images: ImageDigests;
  /** Pipeline variable with the commit's id. */
  readonly revision: string;
  readonly cloudAssembly: FileSet;
}

/**
 * Adds the deployment of one environment to the pipeline: its three parts in order, each after its approval if the
 * configuration requires one, and then the integration test.
 *
 * An approval has its own stage, because a rollback runs all actions of a stage again, and should not need an approval.
 */
export function addEnvironment(
  context: BuildContext,
  pipeline: CodePipeline,
  { environment, images, revision, cloudAssembly }: EnvironmentPromotionProps,
): void {
  const { scope, deployment } = context;
  const props = { deployment, environment };
  const stages: Readonly<Record<EnvironmentPart, Stage>> = {
    'network-directory': new NetworkDirectoryStage(scope, stageName(environment, 'network-directory'), props),
    database: new DatabaseStage(scope, stageName(environment, 'database'), props),
    service: new ServiceStage(scope, stageName(environment, 'service'), { ...props, images }),
  };
  const approvals = approvalsOf(environment);
  for (const part of environmentParts) {
    const approved = approvals.get(part)?.map((name) => stages[name]);
    if (approved) addApproval(context, pipeline, { environment, part, approved, cloudAssembly });
    const stage = stageName(environment, part);
    const deployed = pipeline.addStage(stages[part], {
      ...(part === 'service' && { post: [new IntegrationTestStep(context, environment, cloudAssembly)] }),
    });
    takeAssets(deployed);
    deployed.addPre(
      new PublishAssetsStep(context, {
        environment,
        stage,
        stacks: stacksOf(stages[part]),
        // The images of all parts are verified before the first part is deployed.
        environmentStacks: environmentParts.flatMap((each) => stacksOf(stages[each])),
        revision,
        cloudAssembly,
      }),
    );
  }
}

/**
 * Removes the assets from CDK Pipelines' list. It would publish those of all environments in one stage before any
 * approval, with a publisher that it installs from the npm registry.
 */
function takeAssets({ stacks }: StageDeployment): StackAsset[] {
  return stacks.flatMap(({ assets }) => assets.splice(0));
}

/**
 * The configured approvals: for each, the part that it precedes, and the parts whose changes it shows. The first approval
 * of an environment covers all parts from there on; a later one covers the parts up to the next approval.
 */
function approvalsOf({ approvals }: Environment): Map<EnvironmentPart, readonly EnvironmentPart[]> {
  const asked: Readonly<Record<EnvironmentPart, boolean>> = {
    'network-directory': approvals.beforeEnvironment,
    database: approvals.beforeDatabase,
    service: approvals.beforeService,
  };
  const before = environmentParts.filter((part) => asked[part]);
  return new Map(
    before.map((part, index) => {
      const next = index === 0 ? undefined : before[index + 1];
      const from = environmentParts.indexOf(part);
      return [part, environmentParts.slice(from, next && environmentParts.indexOf(next))];
    }),
  );
}

interface ApprovalProps {
  readonly environment: Environment;
  readonly part: EnvironmentPart;
  /** The stages whose changes the approval covers. */
  readonly approved: readonly Stage[];
  readonly cloudAssembly: FileSet;
}

function addApproval(
  context: BuildContext,
  pipeline: CodePipeline,
  { environment, part, approved, cloudAssembly }: ApprovalProps,
): void {
  const changes = new ChangeSummaryStep(context, {
    name: `${stageName(environment, part)}-changes`,
    account: environment.account,
    stacks: approved.flatMap(stacksOf),
    cloudAssembly,
  });
  pipeline.addWave(approvalStageName(environment, part), {
    post: [changes, new ChangeApprovalStep('Approve', changes)],
  });
}

/** The stacks of a stage, each with the path of the template that the pipeline's action deploys. */
function stacksOf(stage: Stage): ComparedStack[] {
  const root = App.of(stage)?.outdir ?? '';
  return StageDeployment.fromStage(stage).stacks.map(({ stackName, region = '', absoluteTemplatePath }) => ({
    name: stackName,
    region,
    template: relative(root, absoluteTemplatePath),
  }));
}
