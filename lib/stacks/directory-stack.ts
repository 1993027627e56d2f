import { Fn } from 'aws-cdk-lib';
import { CfnMicrosoftAD } from 'aws-cdk-lib/aws-directoryservice';
import { CfnDHCPOptions, CfnVPCDHCPOptionsAssociation } from 'aws-cdk-lib/aws-ec2';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { acknowledge } from '../constructs/common/acknowledge.ts';
import { environmentLogGroup } from '../constructs/common/environment-log-group.ts';
import { keptWhereProtected } from '../constructs/common/kept-where-protected.ts';
import { type Place, publishContract } from '../constructs/common/stage-contract.ts';
import { DirectorySettings } from '../constructs/directory/directory-settings.ts';
import { DirectoryUser } from '../constructs/directory/directory-user.ts';
import { DirectoryUserRotation } from '../constructs/directory/directory-user-rotation.ts';
import { ManagementHost } from '../constructs/directory/management-host.ts';
import { subnetGroups } from '../constructs/network/subnet-groups.ts';
import { EnvironmentStack } from './environment-stack.ts';
import type { NetworkStack } from './network-stack.ts';

export interface DirectoryStackProps extends Place {
  readonly network: NetworkStack;
}

/** The domain of an environment, the DNS of the network that makes it known, and the directory user. */
export class DirectoryStack extends EnvironmentStack {
  constructor(scope: Construct, id: string, { network, ...place }: DirectoryStackProps) {
    super(scope, id, place, 'Directory, its user, and the DNS of the network');
    const { deployment, environment } = place;
    const directory = this.#directory(network);
    this.#resolveDomain(network, directory);
    const settings = new DirectorySettings(this, 'Settings', {
      place,
      directory,
      securityLogs: environmentLogGroup(
        this,
        'SecurityLogs',
        environment,
        `/aws/directoryservice/${this.names.prefix}`,
      ),
      alarmTopic: network.alarmTopic,
    });
    if (environment.network.managementHost) {
      new ManagementHost(this, 'ManagementHost', {
        vpc: network.vpc,
        subnets: { subnetGroupName: subnetGroups.private },
        addresses: environment.network.cidr,
        directoryId: directory.ref,
        domainName: deployment.domain.name,
      });
    }
    const { user, rotation } = this.#user(network, directory);
    user.node.addDependency(settings.resource);
    publishContract(this, place, 'directory', {
      'directory-id': directory.ref,
      'user-secret-arn': user.secret.secretArn,
      'rotation-function': rotation.provisioning.function.functionName,
    });
  }

  #directory(network: NetworkStack): CfnMicrosoftAD {
    const { deployment, environment } = this.place;
    const password = new Secret(this, 'AdminPassword', {
      description: `Admin of the directory ${deployment.domain.name} (${environment.name})`,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username: 'Admin', domainName: deployment.domain.name }),
        generateStringKey: 'password',
        passwordLength: 32,
        excludePunctuation: true,
      },
    });
    acknowledge(password, {
      SMG4:
        'CloudFormation takes the directory for another one when its password changes, so a rotated value must ' +
        'not reach it. Nothing signs in as Admin: users are made through the Directory Service Data API. ' +
        'The runbook tells how to set a new password before using it.',
    });
    const directory = new CfnMicrosoftAD(this, 'Directory', {
      name: deployment.domain.name,
      shortName: this.names.netbiosName,
      edition: environment.directory.edition,
      password: password.secretValueFromJson('password').unsafeUnwrap(),
      vpcSettings: {
        vpcId: network.vpc.vpcId,
        // Exactly two, whatever the VPC has: other ones would mean another directory.
        subnetIds: network.vpc
          .selectSubnets({ subnetGroupName: subnetGroups.isolated })
          .subnetIds.slice(0, 2),
      },
    });
    for (const kept of [directory, password]) kept.applyRemovalPolicy(keptWhereProtected(environment));
    return directory;
  }

  /** The user that signs in to SQL Server, and the rotation of its password. */
  #user(
    network: NetworkStack,
    directory: CfnMicrosoftAD,
  ): {
    readonly user: DirectoryUser;
    readonly rotation: DirectoryUserRotation;
  } {
    const common = { place: this.place, directoryId: directory.ref, alarmTopic: network.alarmTopic };
    const user = new DirectoryUser(this, 'User', common);
    const rotation = new DirectoryUserRotation(this, 'UserRotation', {
      ...common,
      user,
      domainControllers: [0, 1].map((index) => Fn.select(index, directory.attrDnsIpAddresses)),
      vpc: network.vpc,
    });
    return { user, rotation };
  }

  /** Fargate takes its DNS servers from the VPC: the domain controllers, which ask AWS for what they do not know. */
  #resolveDomain(network: NetworkStack, directory: CfnMicrosoftAD): void {
    const options = new CfnDHCPOptions(this, 'Dns', {
      domainName: this.place.deployment.domain.name,
      domainNameServers: directory.attrDnsIpAddresses,
      // The Amazon Time Sync Service, which the domain controllers follow too: Kerberos allows 5 minutes.
      ntpServers: ['169.254.169.123'],
    });
    new CfnVPCDHCPOptionsAssociation(this, 'DnsOfVpc', {
      vpcId: network.vpc.vpcId,
      dhcpOptionsId: options.ref,
    });
  }
}
