import { AlternateTarget, ListenerRuleConfiguration } from 'aws-cdk-lib/aws-ecs';
import type { ApplicationListenerRule, ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledge } from '../../common/acknowledge.ts';

export interface BlueGreenTrafficProps {
  readonly production: ApplicationListenerRule;
  /** Reaches the new tasks while production traffic still goes to the old ones. */
  readonly test: ApplicationListenerRule;
  readonly green: ApplicationTargetGroup;
}

/**
 * The two listener rules whose weights ECS changes to shift traffic between the groups of tasks, and the role for that.
 */
export class BlueGreenTraffic extends Construct {
  readonly alternateTarget: AlternateTarget;

  constructor(scope: Construct, id: string, { production, test, green }: BlueGreenTrafficProps) {
    super(scope, id);
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
      productionListener: ListenerRuleConfiguration.applicationListenerRule(production),
      testListener: ListenerRuleConfiguration.applicationListenerRule(test),
      role,
    });
  }
}
