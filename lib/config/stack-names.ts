import { bootstrapQualifier, sharedQualifier, toolkitStackName } from './bootstrap-names.ts';
import { executionPolicyName } from './iam-names.ts';
import { imageRegions } from './image-regions.ts';
import type { Deployment, Environment } from './index.ts';
import { namesOf } from './names.ts';
import { type FurtherService, furtherServices } from './services.ts';

/** The account and region of some of our stacks, and how to recognise those by name. */
export interface StackPlace {
  readonly account: string;
  readonly region: string;
  readonly isOurs: (stackName: string) => boolean;
}

/** The stacks of an environment by the ends of their names, in the order of deployment; without further services. */
export const stackParts = [
  'network',
  'directory',
  'domain',
  'database',
  'database-contents',
  'service',
] as const;
export type StackPart = (typeof stackParts)[number];

/** The name of a further service's stack. */
export function serviceStack(
  deployment: Deployment,
  environment: Environment,
  { name }: Pick<FurtherService, 'name'>,
): string {
  return `${namesOf(deployment, environment).prefix}-service-${name}`;
}

/** The stacks of an environment that run images: web's, and one for each further service. */
export function serviceStacks(deployment: Deployment, environment: Environment): string[] {
  const { prefix } = namesOf(deployment, environment);
  const further = furtherServices(deployment, environment).map((service) =>
    serviceStack(deployment, environment, service),
  );
  return [`${prefix}-service`, ...further];
}

/** What follows the prefix in the name of an environment's stack; a part may have several stacks. */
const part = /^(network|directory|domain|database|service)(-[a-z0-9-]+)?$/;

/**
 * The stacks that an account's deployments depend on: its policies, and its bootstrap unless shared with other
 * applications.
 */
function accountStacks(deployment: Deployment): string[] {
  const shared = bootstrapQualifier(deployment) === sharedQualifier;
  return [executionPolicyName(deployment), ...(shared ? [] : [toolkitStackName(deployment)])];
}

/** The stacks of an environment, and those that its account's deployments depend on. */
export function environmentStacks(deployment: Deployment, environment: Environment): StackPlace {
  const { account, region } = environment;
  const prefix = `${namesOf(deployment, environment).prefix}-`;
  return {
    account,
    region,
    isOurs: (name) =>
      accountStacks(deployment).includes(name) ||
      (name.startsWith(prefix) && part.test(name.slice(prefix.length))),
  };
}

/** The stacks of the tools account: pipeline, images and artifacts, in each region that has any. */
export function toolsStacks(deployment: Deployment): StackPlace[] {
  const { name, tools } = deployment;
  const names = [
    ...['pipeline', 'images', 'artifacts'].map((own) => `${name}-${own}`),
    ...accountStacks(deployment),
  ];
  return imageRegions(deployment).map((region) => ({
    account: tools.account,
    region,
    isOurs: (candidate) => names.includes(candidate),
  }));
}
