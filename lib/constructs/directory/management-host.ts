import { Validations } from 'aws-cdk-lib';
import {
  BlockDeviceVolume,
  EbsDeviceVolumeType,
  HttpTokens,
  Instance,
  InstanceType,
  type IVpc,
  MachineImage,
  Port,
  SecurityGroup,
  type SubnetSelection,
  UserData,
  WindowsVersion,
} from 'aws-cdk-lib/aws-ec2';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnAssociation } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { acknowledge } from '../common/acknowledge.ts';
import { peerOf } from '../network/peers.ts';

export interface ManagementHostProps {
  readonly vpc: IVpc;
  readonly subnets: SubnetSelection;
  readonly addresses: readonly string[];
  readonly directoryId: string;
  readonly domainName: string;
}

/**
 * A Windows host in the domain with the directory's administration tools, for manual inspection and repair. It is reached
 * only through Session Manager: it has no key pair, no inbound rule and no public address.
 */
export class ManagementHost extends Construct {
  constructor(scope: Construct, id: string, props: ManagementHostProps) {
    super(scope, id);
    const { vpc, subnets, addresses, directoryId, domainName } = props;
    const securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Management host: no way in, out to the VPC and to AWS',
      allowAllOutbound: false,
    });
    for (const range of addresses) {
      securityGroup.addEgressRule(peerOf(range), Port.allTraffic(), 'Directory, database and endpoints');
    }
    const tools = UserData.forWindows();
    tools.addCommands('Install-WindowsFeature -Name RSAT-AD-Tools, RSAT-DNS-Server');
    const host = new Instance(this, 'Host', {
      vpc,
      vpcSubnets: subnets,
      securityGroup,
      instanceType: new InstanceType('t3.medium'),
      machineImage: MachineImage.latestWindows(WindowsVersion.WINDOWS_SERVER_2022_ENGLISH_FULL_BASE),
      userData: tools,
      // Not `requireImdsv2`, which adds a launch template whose name would be the same in every deployment.
      httpTokens: HttpTokens.REQUIRED,
      detailedMonitoring: true,
      blockDevices: [
        {
          deviceName: '/dev/sda1',
          volume: BlockDeviceVolume.ebs(50, { encrypted: true, volumeType: EbsDeviceVolumeType.GP3 }),
        },
      ],
    });
    host.role.addManagedPolicy(ManagedPolicy.fromAwsManagedPolicyName('AmazonSSMManagedInstanceCore'));
    host.role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['ds:CreateComputer', 'ds:DescribeDirectories'], resources: ['*'] }),
    );
    new CfnAssociation(this, 'JoinDomain', {
      name: 'AWS-JoinDirectoryServiceDomain',
      targets: [{ key: 'InstanceIds', values: [host.instanceId] }],
      parameters: { directoryId: [directoryId], directoryName: [domainName] },
    });
    Validations.of(host).acknowledge({
      id: 'CloudFormation-Validate::W3010',
      reason: 'The zone is that of the subnet, which the configuration names.',
    });
    acknowledge(host, {
      'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonSSMManagedInstanceCore]':
        'The policy that AWS keeps for hosts reached through Session Manager; its agent needs new actions over time.',
      'IAM5[Resource::*]':
        'ds:CreateComputer and ds:DescribeDirectories, with which the host joins the domain, have no resource level.',
      EC29: 'A host without data: it is switched on for a repair and may be deleted at any time.',
    });
  }
}
