import { webPort } from '@packages/contracts';
import { CfnOutput, Duration } from 'aws-cdk-lib';
import { type IVpc, Peer, Port } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import {
  cidrsOf,
  directoryUserOf,
  type ImageDigests,
  rolesOfWeb,
  routedServices,
  webServices,
} from '../config/index.ts';
import { environmentLogGroup } from '../constructs/common/environment-log-group.ts';
import {
  type EnvironmentContext,
  publishContract,
  readContract,
} from '../constructs/common/stage-contract.ts';
import { sqlServerAddress } from '../constructs/database/sql-server-address.ts';
import { DatabaseReachAlarm } from '../constructs/monitoring/database-reach-alarm.ts';
import { EnvironmentDashboard } from '../constructs/monitoring/environment-dashboard.ts';
import { environmentAlarmTopic } from '../constructs/monitoring/runbook-alarm.ts';
import { ServiceAlarms } from '../constructs/monitoring/service-alarms.ts';
import {
  metricsOfBalancer,
  metricsOfGroups,
  serviceMetrics,
} from '../constructs/monitoring/service-metrics.ts';
import { TicketAlarms } from '../constructs/monitoring/ticket-alarms.ts';
import { tooFewTasks } from '../constructs/monitoring/too-few-tasks.ts';
import { environmentVpc } from '../constructs/network/environment-vpc.ts';
import { loadBalancerGroup, subnetGroups } from '../constructs/network/subnet-groups.ts';
import { admitFromNat } from '../constructs/service/integration-test/admit-from-nat.ts';
import { IntegrationTestProject } from '../constructs/service/integration-test/integration-test-project.ts';
import { KerberosTask } from '../constructs/service/kerberos-task.ts';
import { redeployOnRotation } from '../constructs/service/redeploy-on-rotation.ts';
import { ServiceTraffic, testPort } from '../constructs/service/service-traffic.ts';
import { shutdownTimes } from '../constructs/service/shutdown-times.ts';
import { webEnvironment } from '../constructs/service/task-environment.ts';
import { WebLoadBalancer } from '../constructs/service/web-load-balancer.ts';
import { WebService } from '../constructs/service/web-service.ts';
import { EnvironmentStack } from './environment-stack.ts';

export interface ServiceStackProps extends EnvironmentContext {
  readonly images: ImageDigests;
}

/** The web service of an environment: its tasks, load balancer, dashboard, alarms and integration test. */
export class ServiceStack extends EnvironmentStack {
  readonly serviceUrl: CfnOutput;

  constructor(scope: Construct, id: string, { images, ...context }: ServiceStackProps) {
    super(scope, id, context, 'Tasks, load balancer, dashboard and alarms');
    const { environment } = context;
    const vpc = environmentVpc(this, context, [
      ...new Set([loadBalancerGroup(environment), 'private' as const]),
    ]);
    const userSecretArn = readContract(this, context, 'domain', 'user-secret-arn');
    const webLoadBalancer = new WebLoadBalancer(this, 'Entrance', { environment, vpc });
    const traffic = new ServiceTraffic(this, 'Traffic', context, webLoadBalancer);
    const topic = environmentAlarmTopic(this, context);
    // In this stack and not in those of the services, so that a host name can move between services without being in two
    // stacks at a time.
    const routed = routedServices(context.deployment, environment);
    const hosts = new Set(routed.flatMap(({ route }) => route.hosts ?? []));
    for (const host of hosts) if (host !== environment.loadBalancer.hostName) webLoadBalancer.answerFor(host);
    const told =
      routed.length === 0
        ? metricsOfBalancer(webLoadBalancer.loadBalancer)
        : metricsOfGroups(traffic.targetGroups);
    const metrics = serviceMetrics(this, told, traffic.targetGroups, this.names);
    const alarms = new ServiceAlarms(this, 'ServiceAlarms', { context, topic, metrics });
    tooFewTasks(alarms, environment.service.minimumTasks, { context, topic, metric: metrics.runningTasks });
    new TicketAlarms(this, 'TicketAlarms', context, topic, { metrics });

    const sqlServer = sqlServerAddress(this, context);
    const user = directoryUserOf(context.deployment, environment);
    const task = new KerberosTask(this, 'Task', {
      context,
      images,
      userSecretArn,
      sqlServer,
      service: {
        ...environment.service,
        name: 'web',
        user,
        roles: rolesOfWeb(environment.database),
        serviceName: this.names.serviceName,
        doctorFamily: this.names.doctorFamily,
      },
      container: {
        asksHealth: true,
        portMappings: [{ name: 'http', containerPort: webPort }],
        stopTimeout: Duration.seconds(shutdownTimes.webStop),
        environment: webEnvironment(context, sqlServer),
      },
    });
    new DatabaseReachAlarm(this, 'DatabaseReach', { context, topic, log: task.log });
    const web = new WebService(this, 'Web', {
      context,
      vpc,
      task,
      serviceName: this.names.serviceName,
      port: webPort,
      loadBalancerSecurityGroup: webLoadBalancer.securityGroup,
      deploymentAlarms: alarms.duringDeployment,
      deployment: environment.service.deployment,
    });
    traffic.attach(web.service);
    web.scale(environment.service, traffic.onlyTargetGroup);
    const test = this.#integrationTest(vpc, webLoadBalancer, traffic);
    redeployOnRotation(this, {
      ...{ context, topic, user, userSecretArn, credentialMode: environment.service.credentialMode },
      serviceName: this.names.serviceName,
    });
    new EnvironmentDashboard(this, 'Overview', { context, service: metrics, url: webLoadBalancer.url });

    publishContract(this, context, 'service', {
      url: webLoadBalancer.url,
      ...(routed.length > 0 && {
        'listener-arn': webLoadBalancer.listener.listenerArn,
        'load-balancer-security-group-id': webLoadBalancer.securityGroup.securityGroupId,
      }),
      ...(this.#ownBalancers.length > 0 && {
        'integration-test-security-group-id': test.securityGroup.securityGroupId,
      }),
    });
    this.serviceUrl = new CfnOutput(this, 'ServiceUrl', { value: webLoadBalancer.url });
  }

  /** The load balancers of further services in this environment that have their own. */
  get #ownBalancers() {
    return webServices(this.context.deployment, this.context.environment).flatMap(
      ({ loadBalancer }) => loadBalancer ?? [],
    );
  }

  /** The test that the pipeline runs after each deployment, in a network that can reach an internal load balancer. */
  #integrationTest(
    vpc: IVpc,
    webLoadBalancer: WebLoadBalancer,
    traffic: ServiceTraffic,
  ): IntegrationTestProject {
    const { environment } = this.context;
    const test = new IntegrationTestProject(this, 'IntegrationTest', {
      ...this.context,
      vpc,
      subnets: { subnetGroupName: subnetGroups.private },
      serviceUrl: webLoadBalancer.url,
      logGroup: environmentLogGroup(this, 'IntegrationTestLogs', environment),
    });
    webLoadBalancer.listener.connections.allowDefaultPortFrom(test, 'Integration test');
    const { loadBalancer, network, service } = environment;
    const isPublic = (balancer: { readonly scheme: string } | undefined) =>
      balancer?.scheme === 'internet-facing';
    const ports = [
      ...(isPublic(loadBalancer) ? [webLoadBalancer.certificate ? 443 : 80] : []),
      ...(service.deployment === 'blue-green' ? [testPort] : []),
    ];
    const allowTo = (range: string, port: number) =>
      test.connections.allowTo(Peer.ipv4(range), Port.tcp(port), 'Load balancer');
    // The public addresses of a load balancer may change at any time.
    for (const range of isPublic(loadBalancer) ? ['0.0.0.0/0'] : cidrsOf(network)) {
      for (const port of ports) allowTo(range, port);
    }
    if (this.#ownBalancers.some((balancer) => isPublic(balancer))) allowTo('0.0.0.0/0', 443);
    admitFromNat(this, this.context, webLoadBalancer, traffic.testedListeners);
    return test;
  }
}
