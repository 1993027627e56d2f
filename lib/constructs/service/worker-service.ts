import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { Worker } from '../../config/index.ts';
import type { EnvironmentContext } from '../common/stage-contract.ts';
import { fargateService } from './fargate-service.ts';
import type { KerberosTask } from './kerberos-task.ts';
import { taskSecurityGroup } from './task-security-group.ts';

export interface WorkerServiceProps {
  readonly context: EnvironmentContext;
  readonly worker: Worker;
  readonly serviceName: string;
  readonly vpc: IVpc;
  readonly task: KerberosTask;
}

/** An ECS service without a load balancer: ECS decides by the container's health check alone whether a task is healthy. */
export class WorkerService extends Construct {
  constructor(scope: Construct, id: string, { worker, ...common }: WorkerServiceProps) {
    super(scope, id);
    const securityGroup = taskSecurityGroup(this, {
      ...common,
      description: `Tasks of ${worker.name}: the directory, SQL Server and AWS out, nobody in`,
    });
    fargateService(this, { ...common, securityGroup, desiredCount: worker.tasks });
  }
}
