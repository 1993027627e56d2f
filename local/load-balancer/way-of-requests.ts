import type { Template } from '../service/task-definition/intrinsic-functions.ts';

/** The conditions of a listener rule: if given, one of the hosts and one of the paths must match. */
export interface Conditions {
  readonly hosts?: readonly string[];
  readonly paths?: readonly string[];
}

/**
 * A rule of the listener that the services share. Of the rules that match a request, the one with the lowest priority
 * number applies.
 */
export interface Rule extends Conditions {
  readonly priority: number;
}

/** How requests reach the tasks of a further service. */
export interface WayOfRequests {
  /** Path of the tasks' health check. */
  readonly healthPath: string;
  /** The rule at the environment's load balancer; undefined if the service has its own load balancer. */
  readonly rule: Rule | undefined;
}

interface ListenerRule {
  readonly Priority: number;
  readonly Conditions: readonly {
    readonly Field: string;
    readonly HostHeaderConfig?: { readonly Values: readonly string[] };
    readonly PathPatternConfig?: { readonly Values: readonly string[] };
  }[];
}

/**
 * Reads from a further service's template how requests reach its tasks.
 *
 * @returns undefined for a service that receives no requests
 * @throws Error when a rule has a condition that this machine's load balancer does not support
 */
export function wayOfRequests(template: Template): WayOfRequests | undefined {
  const [group] = propertiesOf(template, 'TargetGroup') as { HealthCheckPath: string }[];
  const [rule] = propertiesOf(template, 'ListenerRule') as ListenerRule[];
  if (!group || !rule) return undefined;
  const own = propertiesOf(template, 'LoadBalancer').length > 0;
  return { healthPath: group.HealthCheckPath, rule: own ? undefined : ruleOf(rule) };
}

function ruleOf({ Priority, Conditions }: ListenerRule): Rule {
  const unknown = Conditions.find(
    ({ HostHeaderConfig, PathPatternConfig }) => !HostHeaderConfig && !PathPatternConfig,
  );
  if (unknown) throw new Error(`A rule has a condition on ${unknown.Field}, which is not supported here.`);
  const hosts = Conditions.flatMap(({ HostHeaderConfig }) => HostHeaderConfig?.Values ?? []);
  const paths = Conditions.flatMap(({ PathPatternConfig }) => PathPatternConfig?.Values ?? []);
  return {
    priority: Priority,
    ...(hosts.length > 0 && { hosts }),
    ...(paths.length > 0 && { paths }),
  };
}

function propertiesOf({ Resources }: Template, type: string): unknown[] {
  return Object.values(Resources).flatMap(({ Type, Properties }) =>
    Type === `AWS::ElasticLoadBalancingV2::${type}` ? [Properties] : [],
  );
}
