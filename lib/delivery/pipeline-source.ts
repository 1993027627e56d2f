import { Repository } from 'aws-cdk-lib/aws-codecommit';
import { type IRole, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { CodePipelineSource } from 'aws-cdk-lib/pipelines';
import { acknowledge } from '../constructs/common/acknowledge.ts';
import { anyArtifact, objectsFinding } from './acknowledge-pipeline.ts';
import type { BuildContext } from './build-context.ts';

/** What every source gives: the files, and the variable that names what was pushed. */
export interface PipelineSource {
  readonly files: CodePipelineSource;
  /** Pipeline variable with the commit, or for S3 the version of the object. */
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
      return { files, revision: files.sourceAttribute('CommitId') };
    }
    case 'codecommit': {
      const repository = Repository.fromRepositoryName(scope, 'SourceRepository', source.repository);
      const files = CodePipelineSource.codeCommit(repository, source.branch, { actionName });
      return { files, revision: files.sourceAttribute('CommitId') };
    }
    case 's3': {
      const bucket = Bucket.fromBucketName(scope, 'SourceBucket', source.bucket);
      const files = CodePipelineSource.s3(bucket, source.key, {
        actionName,
        role: objectRole(context, bucket.arnForObjects(source.key), bucket.bucketArn),
      });
      return { files, revision: files.sourceAttribute('VersionId') };
    }
  }
}

/** Reads the one object that is the source, and hands it on; CDK's own role would get patterns of actions. */
function objectRole({ scope, artifacts, pipelineRole }: BuildContext, object: string, bucket: string): IRole {
  const role = new Role(scope, 'source-action-role', { assumedBy: pipelineRole });
  role.addToPolicy(
    new PolicyStatement({ actions: ['s3:GetObject', 's3:GetObjectVersion'], resources: [object] }),
  );
  role.addToPolicy(
    new PolicyStatement({
      actions: ['s3:GetBucketAcl', 's3:GetBucketLocation', 's3:GetBucketVersioning', 's3:ListBucket'],
      resources: [bucket],
    }),
  );
  artifacts.grantReadWrite(role);
  acknowledge(role, { [objectsFinding(artifacts)]: anyArtifact });
  return role.withoutPolicyUpdates();
}
