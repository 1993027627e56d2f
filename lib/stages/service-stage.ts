import type { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ImageDigests } from '../config/index.ts';
import { ServiceStack } from '../stacks/service-stack.ts';
import { EnvironmentStage, type EnvironmentStageProps } from './environment-stage.ts';

export interface ServiceStageProps extends EnvironmentStageProps {
  /** What to run, by digest; the repositories' names come from `imageRepositoryName`. */
  readonly images: ImageDigests;
}

/** Third stage of an environment: the tasks, their load balancer, their alarms. */
export class ServiceStage extends EnvironmentStage {
  readonly service: ServiceStack;
  /** The address that the integration test and people use. */
  readonly serviceUrl: CfnOutput;

  constructor(scope: Construct, id: string, props: ServiceStageProps) {
    super(scope, id, props);
    this.service = new ServiceStack(this, 'service', props);
    this.serviceUrl = this.service.serviceUrl;
  }
}
