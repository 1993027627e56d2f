import { Tags } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Deployment, Environment } from '../../config/index.ts';

/** CloudFormation takes tags for these, but not yet everywhere; they are parts of resources that bear the tags. */
const untagged = [
  'AWS::ApplicationAutoScaling::ScalableTarget',
  'AWS::CloudWatch::Dashboard',
  'AWS::ElasticLoadBalancingV2::Listener',
  'AWS::ElasticLoadBalancingV2::ListenerRule',
];

/** Tags everything of an environment, so that cost reports and policies can tell environments apart. */
export function tagEnvironment(scope: IConstruct, deployment: Deployment, environment: Environment): void {
  const tags = { ...deployment.tags, application: deployment.name, environment: environment.name };
  for (const [name, value] of Object.entries(tags)) {
    Tags.of(scope).add(name, value, { excludeResourceTypes: untagged });
  }
}
