import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ImageDigests } from '../config/index.ts';
import type { Place } from '../constructs/stage-contract.ts';
import { EnvironmentStack } from './environment-stack.ts';

export interface ServiceStackProps extends Place {
  readonly images: ImageDigests;
}

export class ServiceStack extends EnvironmentStack {
  readonly serviceUrl: CfnOutput;

  constructor(scope: Construct, id: string, props: ServiceStackProps) {
    super(scope, id, props, 'Tasks, load balancer and alarms');
    this.serviceUrl = new CfnOutput(this, 'ServiceUrl', { value: 'http://service.internal' });
  }
}
