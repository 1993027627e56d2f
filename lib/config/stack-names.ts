import { executionPolicyName } from './iam-names.ts';
import { imageRegions } from './image-regions.ts';
import type { Deployment, Environment } from './index.ts';
import { namesOf } from './names.ts';

/** Where stacks of ours are, and how their names are told from others'. */
export interface StackPlace {
  readonly account: string;
  readonly region: string;
  readonly isOurs: (stackName: string) => boolean;
}

/** What the name of an environment's stack goes on with after the prefix; a part may have several stacks. */
const part = /^(network|directory|database|service)(-[a-z0-9-]+)?$/;

/** The stacks of one environment, and the one that its account's deployments stand on. */
export function environmentStacks(deployment: Deployment, environment: Environment): StackPlace {
  const { account, region } = environment;
  const prefix = `${namesOf(deployment, environment).prefix}-`;
  return {
    account,
    region,
    isOurs: (name) =>
      name === executionPolicyName(deployment) ||
      (name.startsWith(prefix) && part.test(name.slice(prefix.length))),
  };
}

/** The stacks of the tools account: the pipeline, images and artifacts, in each region that has some. */
export function toolsStacks(deployment: Deployment): StackPlace[] {
  const { name, tools } = deployment;
  const names = [
    ...['pipeline', 'images', 'artifacts'].map((own) => `${name}-${own}`),
    executionPolicyName(deployment),
  ];
  return imageRegions(deployment).map((region) => ({
    account: tools.account,
    region,
    isOurs: (candidate) => names.includes(candidate),
  }));
}
