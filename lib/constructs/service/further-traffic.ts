import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { type ISecurityGroup, type IVpc, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type FurtherWeb, namesOf } from '../../config/index.ts';
import { type EnvironmentContext, readContract } from '../common/stage-contract.ts';
import { ServiceAlarms } from '../monitoring/service-alarms.ts';
import { metricsOfGroups, type ServiceMetrics, serviceMetrics } from '../monitoring/service-metrics.ts';
import { allRequests } from './blue-green/listener-rules.ts';
import { admitFromNat } from './integration-test/admit-from-nat.ts';
import { ServiceRoute } from './service-route.ts';
import { WebLoadBalancer } from './web-load-balancer.ts';
import type { WebService } from './web-service.ts';

export interface FurtherTrafficProps {
  readonly context: EnvironmentContext;
  readonly service: FurtherWeb;
  readonly serviceName: string;
  readonly vpc: IVpc;
  readonly topic: ITopic;
}

/**
 * Routes requests to a further service, through a rule of the shared load balancer or through its own load balancer, with
 * metrics and alarms about what clients see.
 */
export class FurtherTraffic extends Construct {
  /** The security group of the load balancer. */
  readonly securityGroup: ISecurityGroup;
  readonly metrics: ServiceMetrics;
  /** The alarms that roll back a deployment. */
  readonly duringDeployment: readonly IAlarm[];
  readonly #targetGroup: ApplicationTargetGroup;

  constructor(scope: Construct, id: string, props: FurtherTrafficProps) {
    super(scope, id);
    const { context, service, serviceName, topic } = props;
    const { targetGroup, securityGroup } = this.#way(props);
    this.#targetGroup = targetGroup;
    this.securityGroup = securityGroup;
    const { clusterName } = namesOf(context.deployment, context.environment);
    const groups = [targetGroup];
    this.metrics = serviceMetrics(this, metricsOfGroups(groups), groups, { clusterName, serviceName });
    const common = { context, topic, service: service.name, metrics: this.metrics };
    this.duringDeployment = new ServiceAlarms(this, 'Alarms', common).duringDeployment;
  }

  /** Sends the requests to the service's tasks, and scales them with the number of requests. */
  attach(tasks: WebService, service: FurtherWeb): void {
    const { name: containerName, port: containerPort } = service;
    this.#targetGroup.addTarget(tasks.service.loadBalancerTarget({ containerName, containerPort }));
    tasks.scale(service, this.#targetGroup);
  }

  #way({ context, service, vpc }: FurtherTrafficProps): Pick<ServiceRoute, 'targetGroup' | 'securityGroup'> {
    const { route, loadBalancer } = service;
    if (route) return new ServiceRoute(this, 'Route', { context, vpc, service: { ...service, route } });
    if (!loadBalancer)
      throw new Error(`The service ${service.name} has neither a route nor a load balancer.`);
    const environment = { ...context.environment, loadBalancer };
    const balancer = new WebLoadBalancer(this, 'Entrance', { environment, vpc });
    const targetGroup: ApplicationTargetGroup = balancer.addTargetGroup('Targets', service);
    allRequests(this, 'Production', balancer.listener, [targetGroup]);
    const test = SecurityGroup.fromSecurityGroupId(
      this,
      'IntegrationTest',
      readContract(this, context, 'service', 'integration-test-security-group-id'),
      { allowAllOutbound: false },
    );
    balancer.listener.connections.allowDefaultPortFrom(test, 'Integration test');
    admitFromNat(this, context, balancer, [balancer.listener]);
    return { targetGroup, securityGroup: balancer.securityGroup };
  }
}
