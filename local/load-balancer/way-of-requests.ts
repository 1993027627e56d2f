import type { Template } from '../service/task-definition/intrinsic-functions.ts';

/** What a request must be like for a rule of a listener: one of the hosts, where there are some, and one of the paths. */
export interface Conditions {
  readonly hosts?: readonly string[];
  readonly paths?: readonly string[];
}

/**
 * A rule of the listener that the services share: of those that a request fits, the one with the lowest priority is taken.
 */
export interface Rule extends Conditions {
  readonly priority: number;
}

/** How requests come to the tasks of a further service. */
export interface WayOfRequests {
  /** Where tasks are asked for their health. */
  readonly healthPath: string;
  /** At the load balancer of the environment; undefined: the service has a load balancer of its own. */
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
 * Reads from the template of a further service how requests come to its tasks.
 *
 * @returns undefined for a service that answers no requests
 * @throws Error when a rule has a condition that the load balancer of this machine does not know
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
  if (unknown) throw new Error(`A rule asks for ${unknown.Field}, which is not understood here.`);
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
