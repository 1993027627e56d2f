import { CfnDHCPOptions, CfnVPCDHCPOptionsAssociation } from 'aws-cdk-lib/aws-ec2';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct, IDependable } from 'constructs';
import { directoryUserOf, dnsAddressCount, domainServers, furtherServices } from '../config/index.ts';
import { environmentLogGroup } from '../constructs/common/environment-log-group.ts';
import {
  type Place,
  publishContract,
  publishServiceSecret,
  readContract,
  readContractList,
} from '../constructs/common/stage-contract.ts';
import { DirectorySettings } from '../constructs/directory/directory-settings.ts';
import { DirectoryUser } from '../constructs/directory/directory-user.ts';
import { DirectoryUserRotation } from '../constructs/directory/directory-user-rotation.ts';
import { ManagementHost } from '../constructs/directory/management-host.ts';
import { OwnPasswordRotation } from '../constructs/directory/own-password-rotation.ts';
import { DomainResolver } from '../constructs/network/domain-resolver.ts';
import { subnetGroups } from '../constructs/network/subnet-groups.ts';
import { EnvironmentStack } from './environment-stack.ts';
import type { NetworkStack } from './network-stack.ts';

export interface DomainStackProps extends Place {
  readonly network: NetworkStack;
}

/** What makes a directory the domain of an environment: DNS of the network, settings, and the directory users. */
export class DomainStack extends EnvironmentStack {
  constructor(scope: Construct, id: string, { network, ...place }: DomainStackProps) {
    super(scope, id, place, 'DNS of the network, settings of the directory, the directory users');
    const { environment } = place;
    const { directory, network: configured } = environment;
    const { alarmTopic, vpc } = network;
    const dns = this.#resolveDomain(network);
    const settings = directory.type === 'new' ? this.#settings(alarmTopic) : undefined;
    if (configured.type === 'new' && configured.managementHost) {
      const host = new ManagementHost(this, 'ManagementHost', {
        vpc,
        subnets: { subnetGroupName: subnetGroups.private },
        addresses: [...new Set([configured.cidr, ...domainServers(environment)])],
        directoryId: this.#directoryId,
        domainName: environment.domain.name,
      });
      // It joins the domain once, when it starts; without an answer from DNS it would not find it.
      host.node.addDependency(dns);
    }
    const given = directoryUserOf(place.deployment, environment);
    if (given.secretArn !== undefined) {
      if (given.rotation === 'own-password') {
        new OwnPasswordRotation(this, 'OwnPasswordRotation', {
          place,
          user: given,
          domainControllers: this.#controllers,
          vpc,
          awsAccess: network.awsAccess,
          alarmTopic,
        });
      }
      publishContract(this, place, 'domain', { 'user-secret-arn': given.secretArn });
      return;
    }
    const directoryId = this.#directoryId;
    const user = new DirectoryUser(this, 'User', { place, user: given, directoryId, alarmTopic });
    const others = furtherServices(place.deployment, environment).map(({ name, user }) => {
      const made = new DirectoryUser(this, `User-${name}`, {
        place,
        user: { name: user, adopt: false },
        directoryId,
        alarmTopic,
        service: name,
      });
      publishServiceSecret(this, place, name, made.secret.secretArn);
      return made;
    });
    for (const { node } of [user, ...others]) if (settings) node.addDependency(settings.resource);
    const rotation = new DirectoryUserRotation(this, 'UserRotation', {
      place,
      directoryId,
      alarmTopic,
      users: [user, ...others],
      rotationDays: given.rotationDays,
      domainControllers: this.#dnsAddresses,
      vpc,
      awsAccess: network.awsAccess,
    });
    publishContract(this, place, 'domain', {
      'user-secret-arn': user.secret.secretArn,
      'rotation-function': rotation.provisioning.function.functionName,
    });
  }

  // Read where they are needed: a directory that others administer may need neither.
  get #directoryId(): string {
    return readContract(this, this.place, 'directory', 'directory-id');
  }

  get #dnsAddresses(): string[] {
    const count = dnsAddressCount(this.place.environment.directory);
    return readContractList(this, this.place, 'directory', 'dns-addresses', count);
  }

  /** Those that the configuration names, or the directory's DNS servers, which are its controllers as a rule. */
  get #controllers(): readonly string[] {
    const { directory } = this.place.environment;
    return (directory.type !== 'new' && directory.kdcs) || this.#dnsAddresses;
  }

  /** What only the owner of a directory changes in it. */
  #settings(alarmTopic: ITopic): DirectorySettings {
    const { prefix } = this.names;
    const { environment } = this.place;
    return new DirectorySettings(this, 'Settings', {
      place: this.place,
      directoryId: this.#directoryId,
      securityLogs: environmentLogGroup(this, 'SecurityLogs', environment, `/aws/directoryservice/${prefix}`),
      alarmTopic,
    });
  }

  /**
   * How names of the domain are found in the network. A VPC of our own asks a directory of our own, which asks AWS for what
   * it does not know: Fargate takes its DNS servers from the VPC. Otherwise the resolver of AWS leads there, or the
   * network has its own ways; the DHCP options of a VPC of others are never touched.
   */
  #resolveDomain(network: NetworkStack): IDependable {
    const { environment } = this.place;
    const { directory, domain, trusted } = environment;
    if (environment.network.type === 'existing' || directory.type !== 'new') {
      const ownAddresses = directory.resolver === 'create' ? this.#dnsAddresses : [];
      return new DomainResolver(this, 'Resolver', {
        place: this.place,
        vpc: network.vpc,
        subnetIds: network.subnetIds('private'),
        domains: [
          { name: domain.name, resolver: directory.resolver, dnsAddresses: ownAddresses },
          ...trusted.map(({ dnsAddresses = [], ...others }) => ({ ...others, dnsAddresses })),
        ],
      });
    }
    const options = new CfnDHCPOptions(this, 'Dns', {
      domainName: domain.name,
      domainNameServers: this.#dnsAddresses,
      // The Amazon Time Sync Service, which the domain controllers follow too: Kerberos allows 5 minutes.
      ntpServers: ['169.254.169.123'],
    });
    return new CfnVPCDHCPOptionsAssociation(this, 'DnsOfVpc', {
      vpcId: network.vpc.vpcId,
      dhcpOptionsId: options.ref,
    });
  }
}
