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
 * Accepts what remains to be accepted on the roles that CodePipeline's and CDK Pipelines' constructs make by
 * themselves, and adds what they lack.
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
      // CDK grants the action by its older name only, which IAM does not apply to connections of the newer name.
      sourceRole.addToPolicy(
        new PolicyStatement({ actions: ['codeconnections:UseConnection'], resources: [connectionArn] }),
      );
    }
  }
  acknowledge(child(stack, 'Pipeline/Build/Tests/Tests'), {
    CB5: 'The tests need the Debian release and the Node.js that the project runs on; AWS has no image of its own with these.',
  });
}

/** How cdk-nag writes the objects of a bucket below a prefix; default: all. */
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
