import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { awsElsewhere } from '../config/index.ts';
import { environmentLogGroup } from '../constructs/common/environment-log-group.ts';
import {
  type EnvironmentContext,
  forLifeRecord,
  publishContract,
} from '../constructs/common/stage-contract.ts';
import type { AwsAccess } from '../constructs/network/aws-access.ts';
import { givenNetwork, type Network } from '../constructs/network/given-network.ts';
import { ownNetwork } from '../constructs/network/own-network.ts';
import { PrivateEndpoints } from '../constructs/network/private-endpoints.ts';
import { S3PrefixList } from '../constructs/network/s3-prefix-list.ts';
import { subnetGroups } from '../constructs/network/subnet-groups.ts';
import { EnvironmentStack } from './environment-stack.ts';

/**
 * The network of an environment, new or existing, with its endpoints for AWS, the ECS cluster, and the alarm topic.
 */
export class NetworkStack extends EnvironmentStack {
  readonly vpc: IVpc;
  readonly subnetIds: Network['subnetIds'];
  readonly alarmTopic: Topic;
  readonly awsAccess: AwsAccess;

  constructor(scope: Construct, id: string, context: EnvironmentContext) {
    super(scope, id, context, 'Network, endpoints, cluster and alarm topic');
    const { network: configured } = context.environment;
    const network =
      configured.type === 'existing'
        ? givenNetwork(this, configured, this.availabilityZones)
        : ownNetwork(this, context, configured, this.availabilityZones);
    this.vpc = network.vpc;
    this.subnetIds = network.subnetIds;
    this.alarmTopic = this.#alarmTopic();
    const endpoints = new PrivateEndpoints(this, 'Endpoints', {
      vpc: this.vpc,
      subnets: { subnetGroupName: subnetGroups.private },
      context,
    });
    const s3 = new S3PrefixList(this, 'S3Addresses', {
      logGroup: environmentLogGroup(this, 'S3AddressesLogs', context.environment),
    });
    this.awsAccess = {
      endpointSecurityGroupId: endpoints.securityGroup?.securityGroupId,
      elsewhere: awsElsewhere(configured),
      s3PrefixListId: s3.prefixListId,
    };
    new Cluster(this, 'Cluster', {
      clusterName: this.names.clusterName,
      vpc: this.vpc,
      containerInsightsV2: ContainerInsights.ENABLED,
    });
    publishContract(this, context, 'network', {
      'vpc-id': this.vpc.vpcId,
      'public-subnet-ids': network.subnetIds('public').join(','),
      'private-subnet-ids': network.subnetIds('private').join(','),
      'isolated-subnet-ids': network.subnetIds('isolated').join(','),
      'nat-addresses': network.natAddresses.join(',') || 'none',
      'alarm-topic-arn': this.alarmTopic.topicArn,
      'endpoint-security-group-id': this.awsAccess.endpointSecurityGroupId ?? 'none',
      's3-prefix-list-id': this.awsAccess.s3PrefixListId,
      'for-life': forLifeRecord('network', context),
    });
  }

  #alarmTopic(): Topic {
    const topic = new Topic(this, 'Alarms', { topicName: `${this.names.prefix}-alarms`, enforceSSL: true });
    // Needed because `enforceSSL` adds a topic policy, which replaces the default one that allows the account to publish.
    topic.grantPublish(
      new ServicePrincipal('cloudwatch.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    const { alarmEmail } = this.context.environment;
    if (alarmEmail) topic.addSubscription(new EmailSubscription(alarmEmail));
    return topic;
  }
}
