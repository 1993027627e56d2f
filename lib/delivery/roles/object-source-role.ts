import { type IRole, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { acknowledge } from '../../constructs/common/acknowledge.ts';
import { anyArtifact, objectsFinding } from '../acknowledge-pipeline.ts';
import type { BuildContext } from '../build-context.ts';

/** The role of a source action that reads one object. The CDK's own role would get wildcard actions. */
export function objectSourceRole(
  { scope, artifacts, pipelineRole }: BuildContext,
  name: string,
  bucket: IBucket,
  key: string,
): IRole {
  const role = new Role(scope, `${name}-action-role`, { assumedBy: pipelineRole });
  role.addToPolicy(
    new PolicyStatement({
      actions: ['s3:GetObject', 's3:GetObjectVersion'],
      resources: [bucket.arnForObjects(key)],
    }),
  );
  role.addToPolicy(
    new PolicyStatement({
      actions: ['s3:GetBucketAcl', 's3:GetBucketLocation', 's3:GetBucketVersioning', 's3:ListBucket'],
      resources: [bucket.bucketArn],
    }),
  );
  artifacts.grantReadWrite(role);
  acknowledge(role, { [objectsFinding(artifacts)]: anyArtifact });
  return role.withoutPolicyUpdates();
}
