import { CfnDHCPOptions, CfnVPCDHCPOptionsAssociation } from 'aws-cdk-lib/aws-ec2';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct, IDependable } from 'constructs';
import {
  directoryUserOf,
  dnsAddressCount,
  domainServers,
  furtherServices,
  givenUsersKey,
  givenUsersOf,
  type User,
} from '../config/index.ts';
import { environmentLogGroup } from '../constructs/common/environment-log-group.ts';
import {
  type EnvironmentContext,
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

export interface DomainStackProps extends EnvironmentContext {
  readonly network: NetworkStack;
}

/** Makes a directory the domain of an environment: the network's DNS, the directory's settings, and the users. */
export class DomainStack extends EnvironmentStack {
  constructor(scope: Construct, id: string, { network, ...context }: DomainStackProps) {
    super(scope, id, context, 'DNS of the network, settings of the directory, the directory users');
    const { environment } = context;
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
      // The host joins the domain only when it starts, and needs DNS to find it.
      host.node.addDependency(dns);
    }
    const web = this.#user(directoryUserOf(context.deployment, environment), network);
    const others = furtherServices(context.deployment, environment).map(({ name, user }) => {
      const own = this.#user(user, network, name);
      publishServiceSecret(this, context, name, own.secretArn);
      return own;
    });
    this.templateOptions.metadata = {
      [givenUsersKey]: givenUsersOf(context.deployment, environment),
    };
    const users = [web, ...others].flatMap(({ made }) => made ?? []);
    for (const { node } of users) if (settings) node.addDependency(settings.resource);
    publishContract(this, context, 'domain', {
      'user-secret-arn': web.secretArn,
      ...(users.length > 0 && { 'rotation-function': this.#rotation(users, network) }),
    });
  }

  /**
   * The user of a service: created here, or given by its secret. A given user may rotate its own password.
   *
   * @param service undefined for web
   */
  #user(
    user: User,
    { alarmTopic, awsAccess, vpc }: NetworkStack,
    service?: string,
  ): { readonly secretArn: string; readonly made?: DirectoryUser } {
    const { context } = this;
    const idOf = (id: string) => (service === undefined ? id : `${id}-${service}`);
    if (user.secretArn === undefined) {
      const common = { context, user, alarmTopic, ...(service !== undefined && { service }) };
      const made = new DirectoryUser(this, idOf('User'), { ...common, directoryId: this.#directoryId });
      return { secretArn: made.secret.secretArn, made };
    }
    if (user.rotation === 'own-password') {
      new OwnPasswordRotation(this, idOf('OwnPasswordRotation'), {
        ...{ context, user, vpc, awsAccess, alarmTopic },
        service: service ?? 'web',
        domainControllers: this.#controllers,
      });
    }
    return { secretArn: user.secretArn };
  }

  /** @returns the name of the function that rotates the passwords of the users created here */
  #rotation(users: readonly DirectoryUser[], { vpc, awsAccess, alarmTopic }: NetworkStack): string {
    const rotation = new DirectoryUserRotation(this, 'UserRotation', {
      ...{ context: this.context, users, vpc, awsAccess, alarmTopic },
      directoryId: this.#directoryId,
      domainControllers: this.#dnsAddresses,
    });
    return rotation.provisioning.function.functionName;
  }

  // Getters, so that a stack that needs neither value does not read its parameter.
  get #directoryId(): string {
    return readContract(this, this.context, 'directory', 'directory-id');
  }

  get #dnsAddresses(): string[] {
    const count = dnsAddressCount(this.context.environment.directory);
    return readContractList(this, this.context, 'directory', 'dns-addresses', count);
  }

  /** The configured KDCs, or else the directory's DNS servers, which usually are its domain controllers. */
  get #controllers(): readonly string[] {
    const { directory } = this.context.environment;
    return (directory.type !== 'new' && directory.kdcs) || this.#dnsAddresses;
  }

  /** Settings for a directory of our own. */
  #settings(alarmTopic: ITopic): DirectorySettings {
    const { prefix } = this.names;
    const { environment } = this.context;
    return new DirectorySettings(this, 'Settings', {
      context: this.context,
      directoryId: this.#directoryId,
      securityLogs: environmentLogGroup(this, 'SecurityLogs', environment, `/aws/directoryservice/${prefix}`),
      alarmTopic,
    });
  }

  /**
   * Makes the domain's names resolve in the network. If VPC and directory are both ours, DHCP options make the directory
   * the VPC's DNS server (which Fargate tasks then use), and it forwards other names to AWS. Otherwise the AWS resolver
   * forwards the domain's names, unless the network already resolves them. The DHCP options of an existing VPC stay as
   * they are.
   */
  #resolveDomain(network: NetworkStack): IDependable {
    const { environment } = this.context;
    const { directory, domain, trusted } = environment;
    if (environment.network.type === 'existing' || directory.type !== 'new') {
      const ownAddresses = directory.resolver === 'create' ? this.#dnsAddresses : [];
      return new DomainResolver(this, 'Resolver', {
        context: this.context,
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
      // The Amazon Time Sync Service, as on the domain controllers: Kerberos tolerates a difference of 5 minutes.
      ntpServers: ['169.254.169.123'],
    });
    return new CfnVPCDHCPOptionsAssociation(this, 'DnsOfVpc', {
      vpcId: network.vpc.vpcId,
      dhcpOptionsId: options.ref,
    });
  }
}
