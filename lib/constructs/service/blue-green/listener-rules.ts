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
 * The rule of a listener that sends all requests to the tasks that no other rule is for: the same one whether deployments
 * roll or not, since a priority is taken until the rule that has it is deleted.
 *
 * @param groups the group that has the tasks at first, and another one between which ECS moves the weight
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
