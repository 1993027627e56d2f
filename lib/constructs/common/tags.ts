import { Tags } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Deployment, Environment } from '../../config/index.ts';

/** CloudFormation does not accept tags on these in every region yet. They are parts of resources that are tagged. */
const untagged = [
  'AWS::ApplicationAutoScaling::ScalableTarget',
  'AWS::CloudWatch::Dashboard',
  'AWS::ElasticLoadBalancingV2::Listener',
  'AWS::ElasticLoadBalancingV2::ListenerRule',
];

/** Tags an environment's resources, so that cost reports and policies can tell environments apart. */
export function tagEnvironment(scope: IConstruct, deployment: Deployment, environment: Environment): void {
  const tags = { ...deployment.tags, application: deployment.name, environment: environment.name };
  for (const [name, value] of Object.entries(tags)) {
    Tags.of(scope).add(name, value, { excludeResourceTypes: untagged });
  }
}
