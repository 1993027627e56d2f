import type { IntegrationTestEnvironment } from '@packages/contracts';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/**
 * CodeBuild's condition keys for the fields of StartBuild with which a caller could override the project's settings.
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
 * Allows starting a project without overriding its settings: with an override, someone who may start the test could get
 * a shell in its network.
 *
 * @param project ARN of the project
 * @param variables the environment variables that the caller may set; default: none
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
    // One statement per field, because a statement denies only if all of its conditions hold.
    ...overridableFields.map((field) => deny({ Null: { [`codebuild:${field}`]: 'false' } })),
    variables.length > 0
      ? deny({ 'ForAnyValue:StringNotEquals': { [variableNames]: variables } })
      : deny({ Null: { [variableNames]: 'false' } }),
  ];
}
