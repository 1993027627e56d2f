import type { Deployment, Environment } from './index.ts';

/** Name of the policy that CloudFormation deploys with in every account. */
export function executionPolicyName({ name }: Deployment): string {
  return `${name}-deployment`;
}

/** Name of the policy, in every account, that no role of our stacks can go beyond. */
export function permissionsBoundaryName({ name }: Deployment): string {
  return `${name}-boundary`;
}

/** Name of the role, in every account, that may read templates and descriptions of stacks and do nothing else. */
export function templateReaderName({ name }: Deployment): string {
  return `${name}-template-reader`;
}

/** Name of the role in the tools account of people who operate the pipeline without IAM Identity Center. */
export function operatorsRoleName({ name }: Deployment): string {
  return `${name}-operators`;
}

/**
 * The roles of the pipeline that other accounts let in. They have names of their own, by which the accounts know them:
 * a generated name would be known only after the bootstrap.
 */
export const pipelineRoles = {
  /** CodePipeline itself: takes on the roles that deploy stacks. */
  codePipeline: ({ name }: Deployment) => `${name}-pipeline-codepipeline`,
  /** The build that updates the pipeline. */
  update: ({ name }: Deployment) => `${name}-pipeline-update`,
  /** The build that signs statements about images. */
  sign: ({ name }: Deployment) => `${name}-pipeline-provenance`,
  /** The build that publishes the files of one stage of an environment. */
  publish: ({ name }: Deployment, stage: string) => `${name}-pipeline-${stage}`,
  /** The build that starts the integration test of an environment. */
  integrationTest: ({ name }: Deployment, environment: Environment) =>
    `${name}-pipeline-${environment.name}-test`,
} as const;
