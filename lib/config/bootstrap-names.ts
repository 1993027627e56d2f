import { createHash } from 'node:crypto';
import type { Deployment } from './deployment.ts';
import { ConfigurationError } from './load-deployment.ts';

/** The qualifier that the CDK bootstraps with by itself; its stack is shared with all other applications of an account. */
export const sharedQualifier = 'hnb659fds';

/**
 * What tells our bootstrap from those of other applications in the same account. As configured, or made of the
 * deployment's name: its first letters for people, and a hash, since the CDK takes ten characters at most and two names
 * may begin alike.
 */
export function bootstrapQualifier({ name, tools }: Pick<Deployment, 'name' | 'tools'>): string {
  if (tools.bootstrapQualifier) return tools.bootstrapQualifier;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 6);
  return `${name.replaceAll('-', '').slice(0, 4)}${hash}`;
}

/** The name of the bootstrap's stack. */
export function toolkitStackName(deployment: Pick<Deployment, 'name' | 'tools'>): string {
  const qualifier = bootstrapQualifier(deployment);
  return qualifier === sharedQualifier ? 'CDKToolkit' : `CDKToolkit-${qualifier}`;
}

/** The CDK's own way to name a bootstrap. */
export const qualifierContextKey = '@aws-cdk/core:bootstrapQualifier';

/**
 * The CDK would take a qualifier of its context for some stacks and ours for others.
 *
 * @param context the CDK context of cdk.json
 * @throws ConfigurationError when it names a qualifier
 */
export function refuseContextQualifier(context: Readonly<Record<string, unknown>>): void {
  const value = context[qualifierContextKey];
  if (value === undefined) return;
  throw new ConfigurationError(
    `context["${qualifierContextKey}"] is ${JSON.stringify(value)}: it must be left out. deployment.tools.bootstrapQualifier names a bootstrap that there is already.`,
  );
}
