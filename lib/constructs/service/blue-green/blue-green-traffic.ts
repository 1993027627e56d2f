import { AlternateTarget, ListenerRuleConfiguration } from 'aws-cdk-lib/aws-ecs';
import {
  type ApplicationListener,
  ApplicationListenerRule,
  type ApplicationTargetGroup,
  ListenerAction,
  ListenerCondition,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledge } from '../../common/acknowledge.ts';

export interface BlueGreenTrafficProps {
  readonly production: ApplicationListener;
  /** Reaches the new tasks while production traffic still goes to the old ones. */
  readonly test: ApplicationListener;
  readonly blue: ApplicationTargetGroup;
  readonly green: ApplicationTargetGroup;
}

/** The two listener rules whose weights ECS moves from one group of tasks to the other, and the role to do so. */
export class BlueGreenTraffic extends Construct {
  readonly alternateTarget: AlternateTarget;

  constructor(scope: Construct, id: string, { production, test, blue, green }: BlueGreenTrafficProps) {
    super(scope, id);
    const rule = (name: string, listener: ApplicationListener) =>
      new ApplicationListenerRule(this, name, {
        listener,
        priority: 1,
        conditions: [ListenerCondition.pathPatterns(['*'])],
        action: ListenerAction.weightedForward([
          { targetGroup: blue, weight: 100 },
          { targetGroup: green, weight: 0 },
        ]),
      });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('ecs.amazonaws.com'),
      description: 'Moves traffic between the two groups of tasks',
      managedPolicies: [
        ManagedPolicy.fromAwsManagedPolicyName('AmazonECSInfrastructureRolePolicyForLoadBalancers'),
      ],
    });
    acknowledge(role, {
      'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers]':
        'The policy that ECS demands for blue/green deployments; AWS extends it with what ECS comes to need.',
    });
    this.alternateTarget = new AlternateTarget('Green', {
      alternateTargetGroup: green,
      productionListener: ListenerRuleConfiguration.applicationListenerRule(rule('Production', production)),
      testListener: ListenerRuleConfiguration.applicationListenerRule(rule('Test', test)),
      role,
    });
  }
}
