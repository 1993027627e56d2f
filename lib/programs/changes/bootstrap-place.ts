/** The account and bootstrap from which the stacks of the tools account are deployed. */
export interface AssemblyPlace {
  /** The tools account. */
  readonly account: string;
  /** The qualifier of its bootstrap, which is in the names of roles and buckets. */
  readonly qualifier: string;
}

/**
 * The part of an assembly in which the CDK tells its CLI about a region's bootstrap: the roles to assume, and the upload's
 * destination. It is the same for each stack, so other values in a commit's assembly are suspicious.
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
