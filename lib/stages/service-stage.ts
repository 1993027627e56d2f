import type { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { furtherServices, type ImageDigests } from '../config/index.ts';
import { FurtherServiceStack } from '../stacks/further-service-stack.ts';
import { ServiceStack } from '../stacks/service-stack.ts';
import { EnvironmentStage, type EnvironmentStageProps } from './environment-stage.ts';

export interface ServiceStageProps extends EnvironmentStageProps {
  /** The digests of the images to run; the repositories' names come from `imageRepositoryName`. */
  readonly images: ImageDigests;
}

/** Third stage of an environment: the tasks of its services, the load balancer and the alarms. One stack per service. */
export class ServiceStage extends EnvironmentStage {
  readonly service: ServiceStack;
  /** The address that the integration test and people use. */
  readonly serviceUrl: CfnOutput;

  constructor(scope: Construct, id: string, props: ServiceStageProps) {
    super(scope, id, props);
    this.service = new ServiceStack(this, 'service', props);
    this.serviceUrl = this.service.serviceUrl;
    for (const service of furtherServices(props.deployment, props.environment)) {
      const stack = new FurtherServiceStack(this, { ...props, service });
      // Web services read values that web's stack publishes: its listener, and the test's security group. Others do not.
      if (service.kind === 'web') stack.addStackDependency(this.service);
    }
  }
}
