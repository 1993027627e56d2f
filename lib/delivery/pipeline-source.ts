import { Repository } from 'aws-cdk-lib/aws-codecommit';
import type { IPipeline } from 'aws-cdk-lib/aws-codepipeline';
import { S3Trigger } from 'aws-cdk-lib/aws-codepipeline-actions';
import { Rule } from 'aws-cdk-lib/aws-events';
import { CodePipeline as CodePipelineTarget } from 'aws-cdk-lib/aws-events-targets';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { CodePipelineSource, type FileSet } from 'aws-cdk-lib/pipelines';
import type { Construct } from 'constructs';
import type { Deployment } from '../config/index.ts';
import type { BuildContext } from './build-context.ts';
import { objectSourceRole } from './roles/object-source-role.ts';
import { outputOf } from './steps/step-output.ts';

/** The output of every kind of source: the files, and the variable with the pushed revision. */
export interface PipelineSource {
  readonly files: FileSet;
  /** Pipeline variable with the commit's id, or for S3 the object's version. */
  readonly revision: string;
}

/** The source that the configuration names; a push to it starts the pipeline. */
export function pipelineSource(context: BuildContext): PipelineSource {
  const { scope } = context;
  const { source } = context.deployment;
  const actionName = 'Source';
  switch (source.type) {
    case 'connection': {
      const { repository, branch, connectionArn } = source;
      const files = CodePipelineSource.connection(repository, branch, {
        connectionArn,
        actionName,
        triggerOnPush: true,
      });
      return { files: outputOf(files), revision: files.sourceAttribute('CommitId') };
    }
    case 'codecommit': {
      const repository = Repository.fromRepositoryName(scope, 'SourceRepository', source.repository);
      const files = CodePipelineSource.codeCommit(repository, source.branch, { actionName });
      return { files: outputOf(files), revision: files.sourceAttribute('CommitId') };
    }
    case 's3': {
      const bucket = Bucket.fromBucketName(scope, 'SourceBucket', source.bucket);
      const files = CodePipelineSource.s3(bucket, source.key, {
        actionName,
        // `startOnPut` starts the pipeline: CodePipeline stops polling a source after 30 days without a change.
        trigger: S3Trigger.NONE,
        role: objectSourceRole(context, 'source', bucket, source.key),
      });
      // Prefixed, because a version id may begin with a character that an image tag may not begin with.
      return { files: outputOf(files), revision: `version-${files.sourceAttribute('VersionId')}` };
    }
  }
}

/**
 * For a source in S3, starts the pipeline when the object is put. EventBridge notifications must be enabled for the bucket.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-event-notifications-eventbridge.html
 */
export function startOnPut(scope: Construct, { source }: Deployment, pipeline: IPipeline): void {
  if (source.type !== 's3') return;
  new Rule(scope, 'SourcePut', {
    description: 'Starts the pipeline when its source is put into the bucket',
    eventPattern: {
      source: ['aws.s3'],
      detailType: ['Object Created'],
      detail: { bucket: { name: [source.bucket] }, object: { key: [source.key] } },
    },
    targets: [new CodePipelineTarget(pipeline)],
  });
}
