import type { Artifact } from 'aws-cdk-lib/aws-codepipeline';
import { S3SourceAction, S3Trigger } from 'aws-cdk-lib/aws-codepipeline-actions';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { CodePipelineSource, FileSet } from 'aws-cdk-lib/pipelines';
import { toolsAction } from '../../config/pipeline-names.ts';
import type { BuildContext } from '../build-context.ts';
import { objectSourceRole } from '../roles/object-source-role.ts';
import { bundleTools } from './bundle-tools.ts';

/**
 * The programs of the actions that follow the synthesis: what publishes, compares, updates and starts tests.
 *
 * They come from the version of the pipeline that is in force, not from the commit that is being delivered: their hash
 * is part of the pipeline's own template, so a change of them is a change of the pipeline, is shown and approved as
 * one, and takes effect with the next execution. No program of a commit runs with rights that its approval would give.
 */
export class ToolsSource extends CodePipelineSource {
  readonly #context: BuildContext;

  constructor(context: BuildContext) {
    super(toolsAction);
    this.#context = context;
    this.configurePrimaryOutput(new FileSet('Source', this));
  }

  protected override getAction(output: Artifact, actionName: string, runOrder: number) {
    const { scope } = this.#context;
    const { bucket, s3ObjectKey } = new Asset(scope, 'Tools', { path: bundleTools() });
    return new S3SourceAction({
      actionName,
      runOrder,
      output,
      bucket,
      bucketKey: s3ObjectKey,
      trigger: S3Trigger.NONE,
      role: objectSourceRole(this.#context, 'tools', bucket, s3ObjectKey),
    });
  }
}
