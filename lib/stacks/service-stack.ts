import { webPort } from '@packages/contracts';
import { CfnOutput, Duration } from 'aws-cdk-lib';
import { type IVpc, Peer, Port } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { cidrsOf, directoryUserOf, type ImageDigests, natAddressCount } from '../config/index.ts';
import { acknowledge } from '../constructs/common/acknowledge.ts';
import { environmentLogGroup } from '../constructs/common/environment-log-group.ts';
import {
  type Place,
  publishContract,
  readContract,
  readContractList,
} from '../constructs/common/stage-contract.ts';
import { sqlServerAddress } from '../constructs/database/sql-server-address.ts';
import { DatabaseReachAlarm } from '../constructs/monitoring/database-reach-alarm.ts';
import { EnvironmentDashboard } from '../constructs/monitoring/environment-dashboard.ts';
import { environmentAlarmTopic } from '../constructs/monitoring/runbook-alarm.ts';
import { ServiceAlarms } from '../constructs/monitoring/service-alarms.ts';
import { serviceMetrics } from '../constructs/monitoring/service-metrics.ts';
import { TicketAlarms } from '../constructs/monitoring/ticket-alarms.ts';
import { environmentVpc } from '../constructs/network/environment-vpc.ts';
import { loadBalancerGroup, subnetGroups } from '../constructs/network/subnet-groups.ts';
import { IntegrationTestProject } from '../constructs/service/integration-test/integration-test-project.ts';
import { KerberosTask } from '../constructs/service/kerberos-task.ts';
import { RedeployOnRotation } from '../constructs/service/redeploy-on-rotation.ts';
import { ServiceTraffic, testPort } from '../constructs/service/service-traffic.ts';
import { shutdownTimes } from '../constructs/service/shutdown-times.ts';
import { webEnvironment } from '../constructs/service/task-environment.ts';
import { WebLoadBalancer } from '../constructs/service/web-load-balancer.ts';
import { WebService } from '../constructs/service/web-service.ts';
import { EnvironmentStack } from './environment-stack.ts';

export interface ServiceStackProps extends Place {
  readonly images: ImageDigests;
}

/** The tasks of an environment, their load balancer, and all that watches them. */
export class ServiceStack extends EnvironmentStack {
  readonly serviceUrl: CfnOutput;

  constructor(scope: Construct, id: string, { images, ...place }: ServiceStackProps) {
    super(scope, id, place, 'Tasks, load balancer, dashboard and alarms');
    const { environment } = place;
    const vpc = environmentVpc(this, place, [
      ...new Set([loadBalancerGroup(environment), 'private' as const]),
    ]);
    const userSecretArn = readContract(this, place, 'domain', 'user-secret-arn');
    const entrance = new WebLoadBalancer(this, 'Entrance', { environment, vpc });
    const traffic = new ServiceTraffic(this, 'Traffic', place, entrance);
    const topic = environmentAlarmTopic(this, place);
    const metrics = serviceMetrics(entrance.loadBalancer, traffic.targetGroups, this.names);
    const alarms = new ServiceAlarms(this, 'ServiceAlarms', place, topic, metrics);
    new TicketAlarms(this, 'TicketAlarms', place, topic, { metrics });

    const sqlServer = sqlServerAddress(this, place);
    const user = directoryUserOf(place.deployment, environment);
    const task = new KerberosTask(this, 'Task', {
      place,
      images,
      userSecretArn,
      sqlServer,
      service: {
        ...environment.service,
        name: 'web',
        user: user.name,
        kmsKeyArn: user.secretArn === undefined ? undefined : user.kmsKeyArn,
        roles: ['db_datareader', ...environment.database.userRoles],
        serviceName: this.names.serviceName,
        doctorFamily: this.names.doctorFamily,
      },
      container: {
        asksHealth: true,
        portMappings: [{ name: 'http', containerPort: webPort }],
        stopTimeout: Duration.seconds(shutdownTimes.webStop),
        environment: webEnvironment(place, sqlServer),
      },
    });
    new DatabaseReachAlarm(this, 'DatabaseReach', { place, topic, log: task.log });
    const web = new WebService(this, 'Web', {
      place,
      vpc,
      task,
      serviceName: this.names.serviceName,
      port: webPort,
      loadBalancerSecurityGroup: entrance.securityGroup,
      deploymentAlarms: alarms.duringDeployment,
      deployment: environment.service.deployment,
    });
    traffic.leadTo(web.service);
    web.scale(environment.service, traffic.onlyTargetGroup);
    this.#integrationTest(vpc, entrance, traffic);
    const rotates = user.rotation !== 'none';
    if (environment.service.credentialMode === 'injected' && rotates) {
      new RedeployOnRotation(this, 'Rotation', {
        place,
        serviceName: this.names.serviceName,
        userSecretArn,
        topic,
      });
    }
    new EnvironmentDashboard(this, 'Overview', { place, service: metrics, url: entrance.url });

    publishContract(this, place, 'service', { url: entrance.url });
    this.serviceUrl = new CfnOutput(this, 'ServiceUrl', { value: entrance.url });
  }

  /** The test that the pipeline runs after each deployment, from where an internal load balancer can be reached. */
  #integrationTest(vpc: IVpc, entrance: WebLoadBalancer, traffic: ServiceTraffic): void {
    const test = new IntegrationTestProject(this, 'IntegrationTest', {
      ...this.place,
      vpc,
      subnets: { subnetGroupName: subnetGroups.private },
      serviceUrl: entrance.url,
      logGroup: environmentLogGroup(this, 'IntegrationTestLogs', this.place.environment),
    });
    entrance.listener.connections.allowDefaultPortFrom(test, 'Integration test');
    const { loadBalancer, network, service } = this.place.environment;
    // The public addresses of a load balancer may change at any time.
    const addresses = loadBalancer.scheme === 'internal' ? cidrsOf(network) : ['0.0.0.0/0'];
    const ports = [
      ...(loadBalancer.scheme === 'internal' ? [] : [entrance.certificate ? 443 : 80]),
      ...(service.deployment === 'blue-green' ? [testPort] : []),
    ];
    for (const range of addresses) {
      for (const port of ports) test.connections.allowTo(Peer.ipv4(range), Port.tcp(port), 'Load balancer');
    }
    if (loadBalancer.scheme === 'internal') return;
    // The load balancer's name leads to its public addresses, so the test comes through NAT.
    const forEverybody = loadBalancer.allowedClients.includes('0.0.0.0/0');
    const closed = traffic.testedListeners.filter(
      (listener) => !(forEverybody && listener === entrance.listener),
    );
    if (closed.length === 0) return;
    if (!forEverybody) {
      acknowledge(entrance.securityGroup, {
        EC23: 'The addresses of the NAT gateways, each for itself, are known at deployment only: no rule can read them.',
      });
    }
    const count = natAddressCount(network);
    for (const address of readContractList(this, this.place, 'network', 'nat-addresses', count)) {
      for (const listener of closed) {
        listener.connections.allowDefaultPortFrom(Peer.ipv4(`${address}/32`), 'Integration test');
      }
    }
  }
}
