import { type CfnElement, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { Deployment } from '../config/index.ts';
import { acknowledge } from '../constructs/common/acknowledge.ts';
import type { ArtifactBucket } from './artifacts/artifact-bucket.ts';

export const anyArtifact =
  'CodePipeline gives each artifact a key of its own, which nobody knows beforehand.';
const cdkRole = 'CDK Pipelines makes this role itself and takes no other';

/**
 * Accepts what remains to be accepted on the roles that CodePipeline's and CDK Pipelines' constructs make by
 * themselves, takes away from them what they do not need, and adds what they lack.
 */
export function acknowledgePipeline(
  stack: Stack,
  artifacts: ArtifactBucket,
  elsewhere: readonly ArtifactBucket[],
  { source }: Deployment,
): void {
  const { account, region } = stack;
  const connectionArn = source.type === 'connection' ? source.connectionArn : undefined;
  const logs = `arn:aws:logs:${region}:${account}:log-group:/aws/codebuild`;
  const reports = `arn:aws:codebuild:${region}:${account}:report-group`;
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

  const mutation = child(stack, 'Delivery/UpdatePipeline/SelfMutation');
  const project = `<${logicalId(mutation)}>`;
  acknowledge(child(mutation, 'Role'), {
    [artifactFinding]: anyArtifact,
    'IAM5[Resource::*]': `${cdkRole}: it only looks: which stacks there are, and what is in the bucket of the bootstrap.`,
    [`IAM5[Resource::arn:*:iam::${account}:role/*]`]: `${cdkRole}: a condition narrows it to the roles of the bootstrap, which deploy the pipeline's own stacks.`,
    [`IAM5[Resource::${logs}/${project}:*]`]: `${cdkRole}: the streams of its own log.`,
    [`IAM5[Resource::${reports}/${project}-*]`]: `${cdkRole}: the reports of its own project, of which there are none.`,
  });

  for (const publisher of assetRoles(stack)) {
    // Publishing files takes no builds; CDK Pipelines would let it start any build of the account.
    publisher.addToPolicy(
      new PolicyStatement({
        sid: 'StartsNoBuilds',
        effect: Effect.DENY,
        actions: ['codebuild:StartBuild', 'codebuild:StopBuild'],
        resources: ['*'],
      }),
    );
    acknowledge(publisher, {
      [artifactFinding]: anyArtifact,
      'IAM5[Resource::*]': `${cdkRole}: a statement beside this one denies it to start builds.`,
      [`IAM5[Resource::${logs}/*]`]: `${cdkRole}: one role for all publishers, so it may write the log of each.`,
      [`IAM5[Resource::${reports}/*]`]: `${cdkRole}: one role for all publishers; none of them writes reports.`,
    });
  }
}

/** How cdk-nag writes all objects of a bucket. */
export function objectsFinding(bucket: ArtifactBucket): string {
  return `IAM5[Resource::<${logicalId(bucket)}.Arn>/*]`;
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

function assetRoles(stack: Stack): Role[] {
  const assets = stack.node.findChild('Delivery').node.tryFindChild('Assets');
  return (assets?.node.children ?? []).filter((child) => child instanceof Role);
}

function child(scope: IConstruct, path: string): IConstruct {
  return path.split('/').reduce<IConstruct>((at, id) => at.node.findChild(id), scope);
}

function logicalId(construct: IConstruct): string {
  return Stack.of(construct).getLogicalId(construct.node.defaultChild as CfnElement);
}
