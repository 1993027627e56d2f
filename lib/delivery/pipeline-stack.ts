import { Duration, PermissionsBoundary, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { ExecutionMode, PipelineType, Result } from 'aws-cdk-lib/aws-codepipeline';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CodePipeline } from 'aws-cdk-lib/pipelines';
import type { Construct } from 'constructs';
import { permissionsBoundaryName, pipelineRoles } from '../config/iam-names.ts';
import { imageRegions } from '../config/image-regions.ts';
import { type Deployment, type ImageDigests, imageNames, placeholderDigests } from '../config/index.ts';
import { pipelineName, stageName } from '../config/pipeline-names.ts';
import { deploymentSynthesizer } from '../constructs/common/deployment-synthesizer.ts';
import { trustOwnAccount } from '../constructs/common/trust-own-account.ts';
import { acknowledgePipeline } from './acknowledge-pipeline.ts';
import { ArtifactStack } from './artifact-stack.ts';
import { ArtifactBucket } from './artifacts/artifact-bucket.ts';
import type { BuildContext } from './build-context.ts';
import { standardBuildImage } from './codebuild-environments.ts';
import { ConditionalPipeline } from './conditional-pipeline.ts';
import { DailyCheck } from './daily-check.ts';
import { addEnvironment } from './environment-promotion.ts';
import { ImageRepositoriesStack } from './image-repositories-stack.ts';
import { PipelineNotifications } from './notifications.ts';
import { pipelineSource, startOnPut } from './pipeline-source.ts';
import { addPipelineUpdate, updateApprovalCondition } from './pipeline-update.ts';
import { Provenance } from './provenance/provenance.ts';
import { gateSteps } from './steps/gate-steps.ts';
import { ImageStep } from './steps/image-step.ts';
import { signSteps } from './steps/sign-steps.ts';
import { outputOf } from './steps/step-output.ts';
import { SynthStep } from './steps/synth-step.ts';
import { ToolsSource } from './tools/tools-source.ts';

export interface PipelineStackProps {
  readonly deployment: Deployment;
  /** The images to deploy; placeholders unless the pipeline itself synthesizes. */
  readonly images?: ImageDigests;
}

/**
 * The pipeline in the tools account, from a push to all environments: images and gates in parallel, synth, an update of the
 * pipeline itself, then one environment after the other.
 */
export class PipelineStack extends Stack {
  constructor(scope: Construct, id: string, { deployment, images = placeholderDigests }: PipelineStackProps) {
    super(scope, id, {
      synthesizer: deploymentSynthesizer(deployment),
      env: deployment.tools,
      stackName: `${deployment.name}-pipeline`,
      description: 'Delivers every push to all environments',
      terminationProtection: true,
      permissionsBoundary: PermissionsBoundary.fromName(permissionsBoundaryName(deployment)),
    });
    const artifacts = new ArtifactBucket(this, 'Artifacts', deployment);
    const elsewhere = this.#artifactsElsewhere(deployment, scope);
    const codePipeline = this.#codePipeline(deployment, artifacts, elsewhere);
    const logs = new LogGroup(this, 'BuildLogs', {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const provenance = new Provenance(this, 'Provenance', deployment, artifacts.accessLogs);
    const common = { scope: this, deployment, artifacts, provenance, logs, pipelineRole: codePipeline.role };
    const context: BuildContext = {
      ...common,
      get tools() {
        return outputOf(tools);
      },
    };
    const tools = new ToolsSource(context);

    const source = pipelineSource(context);
    const built = imageNames(deployment).map((image) => new ImageStep(context, image, source));
    const gates = gateSteps(context, source.files);
    const synth = new SynthStep(context, { source: source.files, images: built, gates });
    const signing = signSteps(context, {
      gates: [...gates, synth].map(({ id }) => id),
      images: built,
      source,
      after: synth,
    });
    const pipeline = new CodePipeline(this, 'Delivery', {
      codePipeline,
      synth,
      // CDK Pipelines' own steps for self-mutation and assets install tools from the npm registry; ours use the lock file.
      selfMutation: false,
      // Direct updates, because a change set left by a failed run would block the next one.
      useChangeSets: false,
      codeBuildDefaults: {
        buildEnvironment: { buildImage: standardBuildImage },
        logging: { cloudWatch: { logGroup: logs } },
        timeout: Duration.minutes(30),
      },
    });
    synth.handedOnAs(addPipelineUpdate(context, pipeline, synth.primaryOutput, signing));
    for (const environment of deployment.environments) {
      addEnvironment(context, pipeline, {
        environment,
        images,
        revision: source.revision,
        cloudAssembly: synth.primaryOutput,
      });
    }
    pipeline.buildPipeline();
    startOnPut(this, deployment, codePipeline);
    const { topic } = new PipelineNotifications(this, 'Notifications', deployment, codePipeline);
    new DailyCheck('DailyCheck', context, tools, topic);
    acknowledgePipeline(this, artifacts, elsewhere, deployment);
    trustOwnAccount(this);
  }

  /** Creates the stacks to deploy before this one: artifacts in the other regions, and images in each region. */
  #artifactsElsewhere(deployment: Deployment, app: Construct): ArtifactBucket[] {
    for (const region of imageRegions(deployment)) {
      this.#before(new ImageRepositoriesStack(app, `images-${region}`, { deployment, region }));
    }
    const [, ...otherRegions] = imageRegions(deployment);
    return otherRegions.map(
      (region) => this.#before(new ArtifactStack(app, `artifacts-${region}`, { deployment, region })).bucket,
    );
  }

  #codePipeline(
    deployment: Deployment,
    artifacts: ArtifactBucket,
    elsewhere: readonly ArtifactBucket[],
  ): ConditionalPipeline {
    const rolledBack = deployment.environments.filter(({ service }) => service.rollbackOnFailedTest);
    return new ConditionalPipeline(this, 'Pipeline', {
      pipelineName: pipelineName(deployment),
      roleName: pipelineRoles.codePipeline(deployment),
      pipelineType: PipelineType.V2,
      // One execution after the other: none may overtake another on its way through the environments.
      executionMode: ExecutionMode.QUEUED,
      restartExecutionOnUpdate: true,
      ...(elsewhere.length === 0
        ? { artifactBucket: artifacts }
        : { crossRegionReplicationBuckets: byRegion([artifacts, ...elsewhere]) }),
      onFailure: new Map(
        rolledBack.map((environment) => [stageName(environment, 'service'), { result: Result.ROLLBACK }]),
      ),
      beforeEntry: updateApprovalCondition,
    });
  }

  /** Makes a stack a dependency, so that it is deployed before the pipeline, also when the pipeline updates itself. */
  #before<Dependency extends Stack>(stack: Dependency): Dependency {
    this.addStackDependency(stack);
    return stack;
  }
}

function byRegion(buckets: readonly ArtifactBucket[]): Record<string, ArtifactBucket> {
  return Object.fromEntries(buckets.map((bucket) => [Stack.of(bucket).region, bucket]));
}
