import { CfnDHCPOptions, CfnVPCDHCPOptionsAssociation } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
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
    const { deployment, environment } = place;
    const { alarmTopic, vpc } = network;
    const directoryId = readContract(this, place, 'directory', 'directory-id');
    const domainControllers = readContractList(this, place, 'directory', 'dns-addresses', 2);
    const dns = this.#resolveDomain(network, domainControllers);
    const settings = new DirectorySettings(this, 'Settings', {
      place,
      directoryId,
      securityLogs: environmentLogGroup(
        this,
        'SecurityLogs',
        environment,
        `/aws/directoryservice/${this.names.prefix}`,
      ),
      alarmTopic,
    });
    if (environment.network.managementHost) {
      const host = new ManagementHost(this, 'ManagementHost', {
        vpc,
        subnets: { subnetGroupName: subnetGroups.private },
        addresses: environment.network.cidr,
        directoryId,
        domainName: deployment.domain.name,
      });
      // It joins the domain once, when it starts; without these options it would not find it.
      host.node.addDependency(dns);
    }
    const user = new DirectoryUser(this, 'User', { place, directoryId, alarmTopic });
    user.node.addDependency(settings.resource);
    const rotation = new DirectoryUserRotation(this, 'UserRotation', {
      place,
      directoryId,
      alarmTopic,
      user,
      domainControllers,
      vpc,
      awsAccess: network.awsAccess,
    });
    publishContract(this, place, 'domain', {
      'user-secret-arn': user.secret.secretArn,
      'rotation-function': rotation.provisioning.function.functionName,
    });
  }

  /** Fargate takes its DNS servers from the VPC: the domain controllers, which ask AWS for what they do not know. */
  #resolveDomain(network: NetworkStack, domainControllers: string[]): CfnVPCDHCPOptionsAssociation {
    const options = new CfnDHCPOptions(this, 'Dns', {
      domainName: this.place.deployment.domain.name,
      domainNameServers: domainControllers,
      // The Amazon Time Sync Service, which the domain controllers follow too: Kerberos allows 5 minutes.
      ntpServers: ['169.254.169.123'],
    });
    return new CfnVPCDHCPOptionsAssociation(this, 'DnsOfVpc', {
      vpcId: network.vpc.vpcId,
      dhcpOptionsId: options.ref,
    });
  }
}
