import type { App } from 'aws-cdk-lib';
import { bootstrapQualifier } from '../../lib/config/bootstrap-names.ts';
import { type Deployment, type ImageDigests, placeholderDigests } from '../../lib/config/index.ts';
import { PipelineStack } from '../../lib/delivery/pipeline-stack.ts';
import { checkPipelineAssembly } from '../../lib/programs/changes/pipeline-assembly.ts';
import type { Pipeline } from '../../local/pipeline/pipeline.ts';
import { readPipeline } from '../../local/pipeline/read-pipeline.ts';
import { withUnvalidatedApp } from '../infrastructure/synthesize.ts';
import type { SynthesizedTemplate } from '../infrastructure/template.ts';
import { madeOnce } from '../made-once.ts';

/** The result of synthesizing a deployment. */
export interface SynthesizedPipeline {
  readonly deployment: Deployment;
  readonly pipeline: Pipeline;
  /** The template of the pipeline's own stack. */
  readonly template: SynthesizedTemplate;
  /** All templates, by account, region and stack name. */
  readonly templates: ReadonlyMap<string, SynthesizedTemplate>;
  /** Why the pipeline would refuse to update itself with the assembly; empty if it would not. */
  readonly refused: string;
}

/**
 * Synthesizes the pipeline and the environments as `npm run synth` would, without its validation; each deployment is
 * synthesized once per test run.
 */
export function synthesizePipeline(
  deployment: Deployment,
  images: ImageDigests = placeholderDigests,
): SynthesizedPipeline {
  return madeOnce('pipeline', { deployment, images }, () => synthesizeAnew(deployment, images));
}

function synthesizeAnew(deployment: Deployment, images: ImageDigests): SynthesizedPipeline {
  return withUnvalidatedApp((app: App) => {
    const stack = new PipelineStack(app, 'pipeline', { deployment, images });
    const assembly = app.synth();
    const template = assembly.getStackArtifact(stack.artifactId).template as SynthesizedTemplate;
    return {
      deployment,
      template,
      pipeline: readPipeline(template, { ...deployment.tools, assembly: app.outdir }),
      templates: new Map(
        assembly.stacksRecursively.map(({ environment, stackName, template }) => [
          `${environment.account}/${environment.region}/${stackName}`,
          template as SynthesizedTemplate,
        ]),
      ),
      refused: refusalOf(app.outdir, deployment),
    };
  });
}

function refusalOf(assembly: string, deployment: Deployment): string {
  try {
    const { account } = deployment.tools;
    checkPipelineAssembly(assembly, { account, qualifier: bootstrapQualifier(deployment) });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}
