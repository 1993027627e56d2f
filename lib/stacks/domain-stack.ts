import { CfnDHCPOptions, CfnVPCDHCPOptionsAssociation } from 'aws-cdk-lib/aws-ec2';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct, IDependable } from 'constructs';
import { dnsAddressCount, domainServers } from '../config/index.ts';
import { environmentLogGroup } from '../constructs/common/environment-log-group.ts';
import {
  type Place,
  publishContract,
  readContract,
  readContractList,
} from '../constructs/common/stage-contract.ts';
import { DirectorySettings } from '../constructs/directory/directory-settings.ts';
import { DirectoryUser } from '../constructs/directory/directory-user.ts';
import { DirectoryUserRotation } from '../constructs/directory/directory-user-rotation.ts';
import { ManagementHost } from '../constructs/directory/management-host.ts';
import { DomainResolver } from '../constructs/network/domain-resolver.ts';
import { subnetGroups } from '../constructs/network/subnet-groups.ts';
import { EnvironmentStack } from './environment-stack.ts';
import type { NetworkStack } from './network-stack.ts';

export interface DomainStackProps extends Place {
  readonly network: NetworkStack;
}

/** What makes a directory the domain of an environment: DNS of the network, settings, and the directory user. */
export class DomainStack extends EnvironmentStack {
  constructor(scope: Construct, id: string, { network, ...place }: DomainStackProps) {
    super(scope, id, place, 'DNS of the network, settings of the directory, the directory user');
    const { environment } = place;
    const { directory, network: configured } = environment;
    const { alarmTopic, vpc } = network;
    const directoryId = readContract(this, place, 'directory', 'directory-id');
    const dnsAddresses = readContractList(
      this,
      place,
      'directory',
      'dns-addresses',
      dnsAddressCount(directory),
    );
    const dns = this.#resolveDomain(network, dnsAddresses);
    const settings = directory.type === 'new' ? this.#settings(directoryId, alarmTopic) : undefined;
    if (configured.type === 'new' && configured.managementHost) {
      const host = new ManagementHost(this, 'ManagementHost', {
        vpc,
        subnets: { subnetGroupName: subnetGroups.private },
        addresses: [...new Set([configured.cidr, ...domainServers(environment)])],
        directoryId,
        domainName: environment.domain.name,
      });
      // It joins the domain once, when it starts; without an answer from DNS it would not find it.
      host.node.addDependency(dns);
    }
    if (directory.type === 'shared' || directory.type === 'self-managed') {
      throw new Error(`Nobody but its owner makes users in a ${directory.type} directory.`);
    }
    const user = new DirectoryUser(this, 'User', { place, directoryId, alarmTopic });
    if (settings) user.node.addDependency(settings.resource);
    const rotation = new DirectoryUserRotation(this, 'UserRotation', {
      place,
      directoryId,
      alarmTopic,
      user,
      rotationDays: directory.rotationDays,
      domainControllers: dnsAddresses,
      vpc,
      awsAccess: network.awsAccess,
    });
    publishContract(this, place, 'domain', {
      'user-secret-arn': user.secret.secretArn,
      'rotation-function': rotation.provisioning.function.functionName,
    });
  }

  /** What only the owner of a directory changes in it. */
  #settings(directoryId: string, alarmTopic: ITopic): DirectorySettings {
    const { prefix } = this.names;
    const { environment } = this.place;
    return new DirectorySettings(this, 'Settings', {
      place: this.place,
      directoryId,
      securityLogs: environmentLogGroup(this, 'SecurityLogs', environment, `/aws/directoryservice/${prefix}`),
      alarmTopic,
    });
  }

  /**
   * How names of the domain are found in the network. A VPC of our own asks a directory of our own, which asks AWS for what
   * it does not know: Fargate takes its DNS servers from the VPC. Otherwise the resolver of AWS leads there, or the
   * network has its own ways; the DHCP options of a VPC of others are never touched.
   */
  #resolveDomain(network: NetworkStack, dnsAddresses: string[]): IDependable {
    const { environment } = this.place;
    const { directory, domain, trusted } = environment;
    if (environment.network.type === 'existing' || directory.type !== 'new') {
      return new DomainResolver(this, 'Resolver', {
        place: this.place,
        vpc: network.vpc,
        subnetIds: network.subnetIds('private'),
        domains: [
          { name: domain.name, resolver: directory.resolver, dnsAddresses },
          ...trusted.map(({ dnsAddresses = [], ...others }) => ({ ...others, dnsAddresses })),
        ],
      });
    }
    const options = new CfnDHCPOptions(this, 'Dns', {
      domainName: domain.name,
      domainNameServers: dnsAddresses,
      // The Amazon Time Sync Service, which the domain controllers follow too: Kerberos allows 5 minutes.
      ntpServers: ['169.254.169.123'],
    });
    return new CfnVPCDHCPOptionsAssociation(this, 'DnsOfVpc', {
      vpcId: network.vpc.vpcId,
      dhcpOptionsId: options.ref,
    });
  }
}
