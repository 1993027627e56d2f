import { Duration, Stack } from 'aws-cdk-lib';
import { ExecutionMode, PipelineType, Result } from 'aws-cdk-lib/aws-codepipeline';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CodePipeline } from 'aws-cdk-lib/pipelines';
import type { Construct } from 'constructs';
import { type Deployment, type ImageDigests, placeholderDigests } from '../config/index.ts';
import { standardBuildImage } from '../pipeline/build-images.ts';
import { ConditionalPipeline } from '../pipeline/conditional-pipeline.ts';
import { addEnvironment } from '../pipeline/environment-promotion.ts';
import { imageRegions } from '../pipeline/image-regions.ts';
import { pipelineName, stageName } from '../pipeline/names.ts';
import { PipelineNotifications } from '../pipeline/notifications.ts';
import { pipelineSource } from '../pipeline/pipeline-source.ts';
import { gateSteps } from '../pipeline/steps/gate-steps.ts';
import { ImageStep } from '../pipeline/steps/image-step.ts';
import { SynthStep } from '../pipeline/steps/synth-step.ts';
import { toolVersions } from '../pipeline/tool-versions.ts';
import { ImageRepositoriesStack } from './image-repositories-stack.ts';

export interface PipelineStackProps {
  readonly deployment: Deployment;
  /** What the service runs; placeholders unless the pipeline itself synthesizes. */
  readonly images?: ImageDigests;
}

/**
 * The way from a push to every environment, in the tools account: images and gates side by side, synth, an update of
 * the pipeline itself, then one environment after the other.
 */
export class PipelineStack extends Stack {
  constructor(scope: Construct, id: string, { deployment, images = placeholderDigests }: PipelineStackProps) {
    super(scope, id, {
      env: deployment.tools,
      stackName: `${deployment.name}-pipeline`,
      description: 'Delivers every push to all environments',
      terminationProtection: true,
    });
    for (const region of imageRegions(deployment)) {
      // As a dependency it is deployed with the pipeline, also when the pipeline updates itself.
      this.addStackDependency(new ImageRepositoriesStack(scope, `images-${region}`, { deployment, region }));
    }

    const { files: source, revision } = pipelineSource(this, deployment.source);
    const web = new ImageStep({ deployment, image: 'web', source, revision });
    const sidecar = new ImageStep({ deployment, image: 'sidecar', source, revision });
    const synth = new SynthStep({ source, web, sidecar, gates: gateSteps(source) });

    const codePipeline = new ConditionalPipeline(this, 'Pipeline', {
      pipelineName: pipelineName(deployment),
      pipelineType: PipelineType.V2,
      // One delivery after the other: none may overtake another on its way through the environments.
      executionMode: ExecutionMode.QUEUED,
      restartExecutionOnUpdate: true,
      crossAccountKeys: true,
      enableKeyRotation: true,
      onFailure: new Map(
        deployment.environments
          .filter(({ service }) => service.rollbackOnFailedTest)
          .map((environment) => [stageName(environment, 'service'), { result: Result.ROLLBACK }]),
      ),
    });
    const pipeline = new CodePipeline(this, 'Delivery', {
      codePipeline,
      synth,
      cliVersion: toolVersions.cdk,
      cdkAssetsCliVersion: toolVersions.cdkAssets,
      // Direct updates: a change set that was left behind by a failed run would block the next one.
      useChangeSets: false,
      // One publisher for all assets: with one for each, every change of an asset would change the pipeline itself.
      publishAssetsInParallel: false,
      codeBuildDefaults: {
        buildEnvironment: { buildImage: standardBuildImage },
        logging: { cloudWatch: { logGroup: this.#buildLogs() } },
        timeout: Duration.minutes(30),
      },
    });
    for (const environment of deployment.environments) {
      addEnvironment(this, pipeline, { deployment, environment, images, cloudAssembly: synth });
    }
    pipeline.buildPipeline();
    new PipelineNotifications(this, 'Notifications', deployment, codePipeline);
  }

  #buildLogs(): LogGroup {
    return new LogGroup(this, 'BuildLogs', { retention: RetentionDays.THREE_MONTHS });
  }
}
