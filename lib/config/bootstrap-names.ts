import { createHash } from 'node:crypto';
import type { Deployment } from './deployment.ts';
import { ConfigurationError } from './load-deployment.ts';

/** The CDK's default qualifier. All other applications in an account share its stack. */
export const sharedQualifier = 'hnb659fds';

/**
 * Distinguishes our bootstrap from those of other applications in the same account. Uses the configured qualifier, or
 * derives one from the deployment's name: its first letters for readability, then a hash, because the CDK allows only
 * ten characters and two names may begin alike.
 */
export function bootstrapQualifier({ name, tools }: Pick<Deployment, 'name' | 'tools'>): string {
  if (tools.bootstrapQualifier) return tools.bootstrapQualifier;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 6);
  return `${name.replaceAll('-', '').slice(0, 4)}${hash}`;
}

/** The name of the bootstrap stack. */
export function toolkitStackName(deployment: Pick<Deployment, 'name' | 'tools'>): string {
  const qualifier = bootstrapQualifier(deployment);
  return qualifier === sharedQualifier ? 'CDKToolkit' : `CDKToolkit-${qualifier}`;
}

/** The CDK's own context key for the qualifier. */
export const qualifierContextKey = '@aws-cdk/core:bootstrapQualifier';

/**
 * Rejects a qualifier in the CDK context: the CDK would use it for some stacks and ours for others.
 *
 * @param context the CDK context of cdk.json
 * @throws ConfigurationError when it names a qualifier
 */
export function refuseContextQualifier(context: Readonly<Record<string, unknown>>): void {
  const value = context[qualifierContextKey];
  if (value === undefined) return;
  throw new ConfigurationError(
    `context["${qualifierContextKey}"] is ${JSON.stringify(value)}: it must be left out. Name an existing bootstrap in deployment.tools.bootstrapQualifier instead.`,
  );
}
