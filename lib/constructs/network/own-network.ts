import { type CfnResource, Validations } from 'aws-cdk-lib';
import {
  CfnEIP,
  FlowLogDestination,
  FlowLogTrafficType,
  IpAddresses,
  type IVpc,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { namesOf, type OwnNetwork } from '../../config/index.ts';
import { environmentLogGroup } from '../common/environment-log-group.ts';
import type { EnvironmentContext } from '../common/stage-contract.ts';
import type { Network } from './given-network.ts';
import { KnownNames } from './known-names.ts';
import { subnetGroups } from './subnet-groups.ts';

/** The environment's own VPC, with a flow log of all traffic. */
export function ownNetwork(
  scope: Construct,
  context: EnvironmentContext,
  network: OwnNetwork,
  zones: string[],
): Network {
  const { natGateways } = network;
  const vpc = new Vpc(scope, 'Vpc', {
    vpcName: namesOf(context.deployment, context.environment).prefix,
    ipAddresses: IpAddresses.cidr(network.cidr),
    availabilityZones: zones,
    // Reserves address space for a third zone: adding one later would otherwise move the existing subnets.
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
  keepLogsOfRestriction(scope, context);
  vpc.addFlowLog('FlowLog', {
    destination: FlowLogDestination.toCloudWatchLogs(
      environmentLogGroup(scope, 'FlowLogs', context.environment),
    ),
    trafficType: FlowLogTrafficType.ALL,
  });
  // NAT gateways are a deliberate way out, which would be useless if outside names did not resolve.
  if (natGateways === 0) new KnownNames(scope, 'KnownNames', { vpcId: vpc.vpcId, context });
  return {
    vpc: vpc as IVpc,
    subnetIds: (group) => vpc.selectSubnets({ subnetGroupName: subnetGroups[group] }).subnetIds,
    natAddresses: natAddresses(vpc),
  };
}

/** Sets a log group for the function with which the CDK closes the default security group: its own would never expire. */
function keepLogsOfRestriction(scope: Construct, { environment }: EnvironmentContext): void {
  const provider = scope.node.findChild('Custom::VpcRestrictDefaultSGCustomResourceProvider');
  const logs = environmentLogGroup(scope, 'DefaultSecurityGroupLogs', environment);
  (provider.node.findChild('Handler') as CfnResource).addPropertyOverride('LoggingConfig', {
    LogGroup: logs.logGroupName,
  });
}

function natAddresses(vpc: Vpc): string[] {
  return vpc.publicSubnets
    .map((subnet) => subnet.node.tryFindChild('EIP'))
    .filter((address) => address instanceof CfnEIP)
    .map((address) => address.attrPublicIp);
}
