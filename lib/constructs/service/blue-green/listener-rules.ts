import {
  type ApplicationListener,
  ApplicationListenerRule,
  type ApplicationTargetGroup,
  ListenerAction,
  ListenerCondition,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import { webPriority } from '../../../config/index.ts';

/**
 * A listener's rule for all requests that no other rule matches. Rolling and blue/green deployments use the same rule,
 * because a new one could not have its priority until the old one is deleted.
 *
 * @param groups the target group that gets all requests at first; for blue/green deployments also the other one
 */
export function allRequests(
  scope: Construct,
  id: string,
  listener: ApplicationListener,
  [first, ...others]: readonly [ApplicationTargetGroup, ...ApplicationTargetGroup[]],
): ApplicationListenerRule {
  return new ApplicationListenerRule(scope, id, {
    listener,
    priority: webPriority,
    conditions: [ListenerCondition.pathPatterns(['*'])],
    action:
      others.length === 0
        ? ListenerAction.forward([first])
        : ListenerAction.weightedForward([
            { targetGroup: first, weight: 100 },
            ...others.map((targetGroup) => ({ targetGroup, weight: 0 })),
          ]),
  });
}
