import { type CfnResource, Validations } from 'aws-cdk-lib';
import {
  CfnEIP,
  FlowLogDestination,
  FlowLogTrafficType,
  IpAddresses,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { environmentLogGroup } from '../constructs/common/environment-log-group.ts';
import { forLifeRecord, type Place, publishContract } from '../constructs/common/stage-contract.ts';
import type { AwsAccess } from '../constructs/network/aws-access.ts';
import { KnownNames } from '../constructs/network/known-names.ts';
import { PrivateEndpoints } from '../constructs/network/private-endpoints.ts';
import { S3PrefixList } from '../constructs/network/s3-prefix-list.ts';
import { subnetGroups } from '../constructs/network/subnet-groups.ts';
import { EnvironmentStack } from './environment-stack.ts';

/** The network of an environment, its doors to AWS, the ECS cluster, and the topic that alarms go to. */
export class NetworkStack extends EnvironmentStack {
  readonly vpc: Vpc;
  readonly alarmTopic: Topic;
  readonly awsAccess: AwsAccess;

  constructor(scope: Construct, id: string, place: Place) {
    super(scope, id, place, 'Network, endpoints, cluster and alarm topic');
    this.vpc = this.#vpc();
    this.alarmTopic = this.#alarmTopic();
    const endpoints = new PrivateEndpoints(this, 'Endpoints', {
      vpc: this.vpc,
      subnets: { subnetGroupName: subnetGroups.private },
      place,
    });
    const s3 = new S3PrefixList(this, 'S3Addresses', {
      logGroup: environmentLogGroup(this, 'S3AddressesLogs', place.environment),
    });
    this.awsAccess = {
      endpointSecurityGroupId: endpoints.securityGroup.securityGroupId,
      s3PrefixListId: s3.prefixListId,
    };
    // With NAT the configuration opens a way out, which is of no use without names.
    if (place.environment.network.natGateways === 0) {
      new KnownNames(this, 'KnownNames', { vpcId: this.vpc.vpcId, place });
    }
    new Cluster(this, 'Cluster', {
      clusterName: this.names.clusterName,
      vpc: this.vpc,
      containerInsightsV2: ContainerInsights.ENABLED,
    });
    const subnetIds = (subnetGroupName: string) =>
      this.vpc.selectSubnets({ subnetGroupName }).subnetIds.join(',');
    publishContract(this, place, 'network', {
      'vpc-id': this.vpc.vpcId,
      'public-subnet-ids': subnetIds(subnetGroups.public),
      'private-subnet-ids': subnetIds(subnetGroups.private),
      'isolated-subnet-ids': subnetIds(subnetGroups.isolated),
      'nat-addresses': this.#natAddresses().join(',') || 'none',
      'alarm-topic-arn': this.alarmTopic.topicArn,
      'endpoint-security-group-id': this.awsAccess.endpointSecurityGroupId,
      's3-prefix-list-id': this.awsAccess.s3PrefixListId,
      'for-life': forLifeRecord('network', place),
    });
  }

  #vpc(): Vpc {
    const { cidr, natGateways, zones } = this.place.environment.network;
    const vpc = new Vpc(this, 'Vpc', {
      vpcName: this.names.prefix,
      ipAddresses: IpAddresses.cidr(cidr),
      availabilityZones: this.availabilityZones,
      // A third zone may come later: without room for it, it would move the subnets of the others.
      reservedAzs: 3 - zones.length,
      natGateways,
      subnetConfiguration: [
        {
          name: subnetGroups.public,
          subnetType: SubnetType.PUBLIC,
          cidrMask: 24,
          mapPublicIpOnLaunch: false,
        },
        {
          name: subnetGroups.private,
          subnetType: natGateways > 0 ? SubnetType.PRIVATE_WITH_EGRESS : SubnetType.PRIVATE_ISOLATED,
          cidrMask: 24,
        },
        { name: subnetGroups.isolated, subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
      ],
    });
    Validations.of(vpc).acknowledge({
      id: 'CloudFormation-Validate::W3010',
      reason:
        'The configuration names the zones: no subnet shall move because the region has got another zone.',
    });
    this.#keepLogsOfRestriction();
    vpc.addFlowLog('FlowLog', {
      destination: FlowLogDestination.toCloudWatchLogs(
        environmentLogGroup(this, 'FlowLogs', this.place.environment),
      ),
      trafficType: FlowLogTrafficType.ALL,
    });
    return vpc;
  }

  /** The CDK closes the default security group by a function, whose log would be kept for ever. */
  #keepLogsOfRestriction(): void {
    const provider = this.node.findChild('Custom::VpcRestrictDefaultSGCustomResourceProvider');
    const logs = environmentLogGroup(this, 'DefaultSecurityGroupLogs', this.place.environment);
    (provider.node.findChild('Handler') as CfnResource).addPropertyOverride('LoggingConfig', {
      LogGroup: logs.logGroupName,
    });
  }

  /** The public addresses that requests from the private subnets come from. */
  #natAddresses(): string[] {
    return this.vpc.publicSubnets
      .map((subnet) => subnet.node.tryFindChild('EIP'))
      .filter((address) => address instanceof CfnEIP)
      .map((address) => address.attrPublicIp);
  }

  #alarmTopic(): Topic {
    const topic = new Topic(this, 'Alarms', { topicName: `${this.names.prefix}-alarms`, enforceSSL: true });
    // Beside the demand for TLS, which stands in for the policy that a topic has by itself.
    topic.grantPublish(
      new ServicePrincipal('cloudwatch.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    const { alarmEmail } = this.place.environment;
    if (alarmEmail) topic.addSubscription(new EmailSubscription(alarmEmail));
    return topic;
  }
}
