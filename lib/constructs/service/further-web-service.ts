import { type IVpc, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type FurtherWeb, namesOf } from '../../config/index.ts';
import { type Place, readContract } from '../common/stage-contract.ts';
import { ServiceAlarms } from '../monitoring/service-alarms.ts';
import { metricsOfGroups, type ServiceMetrics, serviceMetrics } from '../monitoring/service-metrics.ts';
import { allRequests } from './blue-green/listener-rules.ts';
import { admitFromNat } from './integration-test/admit-from-nat.ts';
import type { KerberosTask } from './kerberos-task.ts';
import { ServiceRoute } from './service-route.ts';
import { WebLoadBalancer } from './web-load-balancer.ts';
import { WebService } from './web-service.ts';

export interface FurtherWebServiceProps {
  readonly place: Place;
  readonly service: FurtherWeb;
  readonly serviceName: string;
  readonly vpc: IVpc;
  readonly task: KerberosTask;
  readonly topic: ITopic;
}

/** A service beside web that answers requests: its way through a load balancer, its tasks, and alarms about what clients see. */
export class FurtherWebService extends Construct {
  readonly metrics: ServiceMetrics;

  constructor(scope: Construct, id: string, props: FurtherWebServiceProps) {
    super(scope, id);
    const { service, topic, ...common } = props;
    const { name, port, minimumTasks } = service;
    const { place, serviceName } = common;
    const { targetGroup, securityGroup } = this.#way(props);
    const { clusterName } = namesOf(place.deployment, place.environment);
    const groups = [targetGroup];
    this.metrics = serviceMetrics(this, metricsOfGroups(groups), groups, { clusterName, serviceName });
    const alarms = new ServiceAlarms(this, 'Alarms', {
      place,
      topic,
      minimumTasks,
      service: name,
      metrics: this.metrics,
    });
    const tasks = new WebService(this, 'Tasks', {
      ...common,
      port,
      deployment: 'rolling',
      loadBalancerSecurityGroup: securityGroup,
      deploymentAlarms: alarms.duringDeployment,
    });
    targetGroup.addTarget(tasks.service.loadBalancerTarget({ containerName: name, containerPort: port }));
    tasks.scale(service, targetGroup);
  }

  /** Its part of the load balancer of all, or one of its own. */
  #way({ place, service, vpc }: FurtherWebServiceProps): Pick<ServiceRoute, 'targetGroup' | 'securityGroup'> {
    const { route, loadBalancer } = service;
    if (route) return new ServiceRoute(this, 'Route', { place, vpc, service: { ...service, route } });
    if (!loadBalancer) throw new Error(`There is no way to the service ${service.name}.`);
    const environment = { ...place.environment, loadBalancer };
    const entrance = new WebLoadBalancer(this, 'Entrance', { environment, vpc });
    const targetGroup: ApplicationTargetGroup = entrance.addTargetGroup('Targets', service);
    allRequests(this, 'Production', entrance.listener, [targetGroup]);
    const test = SecurityGroup.fromSecurityGroupId(
      this,
      'IntegrationTest',
      readContract(this, place, 'service', 'integration-test-security-group-id'),
      { allowAllOutbound: false },
    );
    entrance.listener.connections.allowDefaultPortFrom(test, 'Integration test');
    admitFromNat(this, place, entrance, [entrance.listener]);
    return { targetGroup, securityGroup: entrance.securityGroup };
  }
}
