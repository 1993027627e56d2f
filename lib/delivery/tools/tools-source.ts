import type { Artifact } from 'aws-cdk-lib/aws-codepipeline';
import { S3SourceAction, S3Trigger } from 'aws-cdk-lib/aws-codepipeline-actions';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { CodePipelineSource, FileSet } from 'aws-cdk-lib/pipelines';
import { toolsAction } from '../../config/pipeline-names.ts';
import type { BuildContext } from '../build-context.ts';
import { objectSourceRole } from '../roles/object-source-role.ts';
import { bundleTools } from './bundle-tools.ts';

/**
 * The programs of the actions after the synthesis, which publish, compare, sign, update the pipeline and start tests.
 *
 * They belong to the deployed pipeline, not to the commit that is being delivered: their hash is part of the pipeline's own
 * template. A change to them is therefore shown and approved as a change of the pipeline, and takes effect with the next
 * execution. No program of a commit runs with permissions that require the commit's approval.
 */
export class ToolsSource extends CodePipelineSource {
  readonly #context: BuildContext;
  readonly #asset: Asset;

  constructor(context: BuildContext) {
    super(toolsAction);
    this.#context = context;
    this.#asset = new Asset(context.scope, 'Tools', { path: bundleTools() });
    this.configurePrimaryOutput(new FileSet('Source', this));
  }

  /** The bucket of the programs, for projects outside the pipeline. */
  get bucket(): IBucket {
    return this.#asset.bucket;
  }

  get key(): string {
    return this.#asset.s3ObjectKey;
  }

  /** The permissions to read the programs. */
  get reading(): PolicyStatement[] {
    return [
      new PolicyStatement({
        actions: ['s3:GetObject', 's3:GetObjectVersion'],
        resources: [this.bucket.arnForObjects(this.key)],
      }),
      new PolicyStatement({
        actions: ['s3:GetBucketAcl', 's3:GetBucketLocation'],
        resources: [this.bucket.bucketArn],
      }),
    ];
  }

  protected override getAction(output: Artifact, actionName: string, runOrder: number) {
    const { bucket, s3ObjectKey } = this.#asset;
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
