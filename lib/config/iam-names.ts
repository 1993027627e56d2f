import type { Deployment, Environment } from './index.ts';

/** Name of the policy with which CloudFormation deploys in every account. */
export function executionPolicyName({ name }: Deployment): string {
  return `${name}-deployment`;
}

/** Name of the permissions boundary, in every account, of the roles in our stacks. */
export function permissionsBoundaryName({ name }: Deployment): string {
  return `${name}-boundary`;
}

/** Name of the role, in every account, that may only read templates and descriptions of stacks. */
export function templateReaderName({ name }: Deployment): string {
  return `${name}-template-reader`;
}

/** Name of the role in the tools account for people who operate the pipeline without IAM Identity Center. */
export function operatorsRoleName({ name }: Deployment): string {
  return `${name}-operators`;
}

/**
 * The pipeline's roles that other accounts trust. They have fixed names, because the other accounts are bootstrapped
 * before the roles exist.
 */
export const pipelineRoles = {
  /** CodePipeline itself, which assumes the roles that deploy stacks. */
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
