import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ImageDigests } from '../config/index.ts';
import { environmentVpc } from '../constructs/environment-vpc.ts';
import { KerberosTask } from '../constructs/kerberos-task.ts';
import { type Place, publishContract, readContract } from '../constructs/stage-contract.ts';
import { WebLoadBalancer } from '../constructs/web-load-balancer.ts';
import { WebService } from '../constructs/web-service.ts';
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
    const vpc = environmentVpc(this, place);
    const loadBalancer = new WebLoadBalancer(this, 'Entrance', { environment, vpc });
    const task = new KerberosTask(this, 'Task', {
      place,
      images,
      userSecretArn: readContract(this, place, 'directory', 'user-secret-arn'),
      sqlServerTlsName: readContract(this, place, 'database', 'endpoint-address'),
    });
    const { service } = new WebService(this, 'Web', {
      place,
      vpc,
      task,
      loadBalancerSecurityGroup: loadBalancer.securityGroup,
      databaseSecurityGroupId: readContract(this, place, 'database', 'security-group-id'),
      deploymentAlarmNames: ['x'],
    });
    const targets = loadBalancer.addTargetGroup('Targets');
    loadBalancer.listener.addTargetGroups('Targets', { targetGroups: [targets] });
    targets.addTarget(service.loadBalancerTarget({ containerName: 'web', containerPort: 8080 }));
    this.serviceUrl = new CfnOutput(this, 'ServiceUrl', { value: loadBalancer.url });
    publishContract(this, place, 'service', {
      url: loadBalancer.url,
      'load-balancer-full-name': loadBalancer.loadBalancer.loadBalancerFullName,
      'cluster-name': this.names.clusterName,
      'service-name': this.names.serviceName,
    });
  }
}
