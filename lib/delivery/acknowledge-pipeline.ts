import { type CfnElement, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';
import type { Deployment } from '../config/index.ts';
import { acknowledge } from '../constructs/common/acknowledge.ts';
import type { ArtifactBucket } from './artifacts/artifact-bucket.ts';

export const anyArtifact =
  'CodePipeline gives each artifact a key of its own, which nobody knows beforehand.';

/**
 * Accepts the remaining findings of cdk-nag on roles that the constructs of CodePipeline and CDK Pipelines create, and adds
 * the permission that the source's role lacks.
 */
export function acknowledgePipeline(
  stack: Stack,
  artifacts: ArtifactBucket,
  elsewhere: readonly ArtifactBucket[],
  { source }: Deployment,
): void {
  const connectionArn = source.type === 'connection' ? source.connectionArn : undefined;
  const artifactFinding = objectsFinding(artifacts);

  acknowledge(child(stack, 'Pipeline/Role'), {
    [artifactFinding]: anyArtifact,
    ...Object.fromEntries(elsewhere.flatMap(regionalFindings)),
  });
  const sourceRole = child(stack, 'Pipeline/Source/Source').node.tryFindChild('CodePipelineActionRole');
  if (sourceRole instanceof Role) {
    acknowledge(sourceRole, { [artifactFinding]: anyArtifact });
    if (connectionArn?.split(':')[2] === 'codeconnections') {
      // The CDK grants the action only by its older name, which IAM does not apply to connections with the newer prefix.
      sourceRole.addToPolicy(
        new PolicyStatement({ actions: ['codeconnections:UseConnection'], resources: [connectionArn] }),
      );
    }
  }
  acknowledge(child(stack, 'Pipeline/Build/Tests/Tests'), {
    CB5: 'The tests need the Debian release and the Node.js that the project runs on; AWS has no image of its own with these.',
  });
}

/** The id of cdk-nag's finding about the objects of a bucket below a prefix; default: all objects. */
export function objectsFinding(bucket: Bucket, prefix = ''): string {
  return `IAM5[Resource::<${logicalId(bucket)}.Arn>/${prefix}*]`;
}

function regionalFindings(bucket: ArtifactBucket): [string, string][] {
  const { account, region } = Stack.of(bucket);
  return [
    [`IAM5[Resource::arn:aws:s3:::${bucket.physicalBucketName}/*]`, anyArtifact],
    [
      `IAM5[Resource::arn:aws:kms:${region}:${account}:key/*]`,
      "A condition narrows it to the key with the artifacts' alias: another region's key id is known only after its deployment.",
    ],
  ];
}

function child(scope: IConstruct, path: string): IConstruct {
  return path.split('/').reduce<IConstruct>((at, id) => at.node.findChild(id), scope);
}

function logicalId(construct: IConstruct): string {
  return Stack.of(construct).getLogicalId(construct.node.defaultChild as CfnElement);
}
