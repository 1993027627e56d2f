import { Repository } from 'aws-cdk-lib/aws-codecommit';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { CodePipelineSource } from 'aws-cdk-lib/pipelines';
import type { Construct } from 'constructs';
import type { Source } from '../config/index.ts';

/** What every source gives: the files, and the variable that names what was pushed. */
export interface PipelineSource {
  readonly files: CodePipelineSource;
  /** Pipeline variable with the commit, or for S3 the version of the object. */
  readonly revision: string;
}

/** The source that the configuration names; a push to it starts the pipeline. */
export function pipelineSource(scope: Construct, source: Source): PipelineSource {
  const actionName = 'Source';
  switch (source.type) {
    case 'connection': {
      const { repository, branch, connectionArn } = source;
      const files = CodePipelineSource.connection(repository, branch, {
        connectionArn,
        actionName,
        triggerOnPush: true,
      });
      return { files, revision: files.sourceAttribute('CommitId') };
    }
    case 'codecommit': {
      const repository = Repository.fromRepositoryName(scope, 'SourceRepository', source.repository);
      const files = CodePipelineSource.codeCommit(repository, source.branch, { actionName });
      return { files, revision: files.sourceAttribute('CommitId') };
    }
    case 's3': {
      const bucket = Bucket.fromBucketName(scope, 'SourceBucket', source.bucket);
      const files = CodePipelineSource.s3(bucket, source.key, { actionName });
      return { files, revision: files.sourceAttribute('VersionId') };
    }
  }
}
