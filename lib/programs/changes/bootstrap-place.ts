/** Where the stacks of the tools account are deployed from. */
export interface AssemblyPlace {
  /** The tools account. */
  readonly account: string;
  /** Of its bootstrap, by which its roles and buckets are called. */
  readonly qualifier: string;
}

/**
 * What the CDK tells its CLI of the bootstrap of one region: which roles it takes on, and where it uploads to. It is the
 * same for each stack, so that a commit has no reason to say something else.
 *
 * https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html#bootstrapping-env-roles
 */
export function bootstrapPlace({ account, qualifier }: AssemblyPlace, region: string) {
  const role = (of: string) =>
    `arn:\${AWS::Partition}:iam::${account}:role/cdk-${qualifier}-${of}-role-${account}-${region}`;
  const version = { bootstrapStackVersionSsmParameter: `/cdk-bootstrap/${qualifier}/version` };
  const bucketName = `cdk-${qualifier}-assets-${account}-${region}`;
  return {
    environment: `aws://${account}/${region}`,
    stack: {
      ...version,
      assumeRoleArn: role('deploy'),
      cloudFormationExecutionRoleArn: role('cfn-exec'),
      lookupRole: { ...version, arn: role('lookup'), requiresBootstrapStackVersion: 8 },
    },
    upload: { bucketName, region, assumeRoleArn: role('file-publishing') },
  };
}
