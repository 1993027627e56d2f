import { type ISecurityGroup, type IVpc, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationListener,
  ApplicationListenerRule,
  type ApplicationTargetGroup,
  ListenerAction,
  ListenerCondition,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { type FurtherWeb, type Route, rulePriority } from '../../config/index.ts';
import { type EnvironmentContext, readContract } from '../common/stage-contract.ts';
import { addTargetGroup } from './target-group.ts';

export interface ServiceRouteProps {
  readonly context: EnvironmentContext;
  readonly vpc: IVpc;
  readonly service: FurtherWeb & { readonly route: Route };
}

/** A service's part of its environment's load balancer: a listener rule, and the target group it forwards to. */
export class ServiceRoute extends Construct {
  readonly targetGroup: ApplicationTargetGroup;
  /** The security group of the load balancer. */
  readonly securityGroup: ISecurityGroup;

  constructor(scope: Construct, id: string, { context, vpc, service }: ServiceRouteProps) {
    super(scope, id);
    const { environment } = context;
    this.securityGroup = SecurityGroup.fromSecurityGroupId(
      this,
      'LoadBalancerSecurityGroup',
      readContract(this, context, 'service', 'load-balancer-security-group-id'),
      // So that the CDK adds an egress rule to the tasks.
      { allowAllOutbound: false },
    );
    const listener = ApplicationListener.fromApplicationListenerAttributes(this, 'Listener', {
      listenerArn: readContract(this, context, 'service', 'listener-arn'),
      securityGroup: this.securityGroup,
    });
    this.targetGroup = addTargetGroup(this, 'Targets', { ...service, vpc, environment });
    const { hosts, paths } = service.route;
    new ApplicationListenerRule(this, 'Rule', {
      listener,
      priority: rulePriority(service.name),
      conditions: [
        ...(hosts ? [ListenerCondition.hostHeaders([...hosts])] : []),
        ...(paths ? [ListenerCondition.pathPatterns([...paths])] : []),
      ],
      action: ListenerAction.forward([this.targetGroup]),
    });
  }
}
