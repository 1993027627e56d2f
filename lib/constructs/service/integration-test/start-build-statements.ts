import type { IntegrationTestEnvironment } from '@packages/contracts';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/**
 * What a caller of StartBuild could put in the place of the project's own: CodeBuild's condition keys for the fields of
 * the request.
 *
 * @see https://docs.aws.amazon.com/codebuild/latest/userguide/action-context-keys.html
 */
export const overridableFields = [
  'artifacts',
  'cache',
  'encryptionKey',
  'environment.certificate',
  'environment.computeType',
  'environment.fleet.fleetArn',
  'environment.image',
  'environment.imagePullCredentialsType',
  'environment.privilegedMode',
  'environment.registryCredential',
  'environment.type',
  'logsConfig',
  'secondaryArtifacts',
  'secondarySources',
  'serviceRole',
  'source',
  'source.auth.resource',
  'source.buildspec',
  'source.location',
] as const;

const variableNames = 'codebuild:environment.environmentVariables.name';

/**
 * The right to start a project as it is, and in no other shape: who may start the test must not have a shell in
 * its network.
 *
 * @param project ARN of the project
 * @param variables the environment variables that may be given; default: none
 */
export function mayStartAsItIs(
  project: string,
  variables: readonly (keyof IntegrationTestEnvironment)[] = [],
): PolicyStatement[] {
  const deny = (conditions: Record<string, Record<string, string | readonly string[]>>) =>
    new PolicyStatement({
      effect: Effect.DENY,
      actions: ['codebuild:StartBuild'],
      resources: [project],
      conditions,
    });
  return [
    new PolicyStatement({ actions: ['codebuild:StartBuild'], resources: [project] }),
    // One statement for each: the conditions of one statement must all hold for it to deny.
    ...overridableFields.map((field) => deny({ Null: { [`codebuild:${field}`]: 'false' } })),
    variables.length > 0
      ? deny({ 'ForAnyValue:StringNotEquals': { [variableNames]: variables } })
      : deny({ Null: { [variableNames]: 'false' } }),
  ];
}
