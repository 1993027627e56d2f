import { Fn } from 'aws-cdk-lib';
import { CfnMicrosoftAD } from 'aws-cdk-lib/aws-directoryservice';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { acknowledge } from '../constructs/common/acknowledge.ts';
import { keptWhereProtected } from '../constructs/common/kept-where-protected.ts';
import { forLifeRecord, type Place, publishContract } from '../constructs/common/stage-contract.ts';
import { subnetGroups } from '../constructs/network/subnet-groups.ts';
import { EnvironmentStack } from './environment-stack.ts';
import type { NetworkStack } from './network-stack.ts';

export interface DirectoryStackProps extends Place {
  readonly network: NetworkStack;
}

/**
 * The directory of an environment, and nothing else: making it takes half an hour, and whatever failed beside it in a first
 * creation would take it away again.
 */
export class DirectoryStack extends EnvironmentStack {
  constructor(scope: Construct, id: string, { network, ...place }: DirectoryStackProps) {
    super(scope, id, place, 'Directory');
    const directory = this.#directory(network);
    publishContract(this, place, 'directory', {
      'directory-id': directory.ref,
      'dns-addresses': Fn.join(',', directory.attrDnsIpAddresses),
      'for-life': forLifeRecord('directory', place),
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
}
