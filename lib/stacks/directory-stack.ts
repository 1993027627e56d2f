import type { DirectoryUserSecret } from '@packages/contracts';
import { Fn } from 'aws-cdk-lib';
import { CfnMicrosoftAD } from 'aws-cdk-lib/aws-directoryservice';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { ExistingDirectory } from '../config/index.ts';
import { acknowledge } from '../constructs/common/acknowledge.ts';
import { givenId } from '../constructs/common/given-id.ts';
import { removalPolicyOf } from '../constructs/common/removal-policy.ts';
import {
  type EnvironmentContext,
  forLifeRecord,
  publishContract,
} from '../constructs/common/stage-contract.ts';
import { EnvironmentStack } from './environment-stack.ts';
import type { NetworkStack } from './network-stack.ts';

export interface DirectoryStackProps extends EnvironmentContext {
  readonly network: NetworkStack;
}

/**
 * The directory of an environment, or the addresses of an existing one. The stack has nothing else: the directory takes
 * half an hour to create, and if another resource failed, the rollback would delete it again.
 */
export class DirectoryStack extends EnvironmentStack {
  constructor(scope: Construct, id: string, { network, ...context }: DirectoryStackProps) {
    super(scope, id, context, 'Directory');
    const { directory } = context.environment;
    publishContract(this, context, 'directory', {
      ...(directory.type === 'new' ? this.#made(network, directory.edition) : this.#given(directory)),
      'for-life': forLifeRecord('directory', context),
    });
  }

  #made(network: NetworkStack, edition: string) {
    const directory = this.#directory(network, edition);
    return { 'directory-id': directory.ref, 'dns-addresses': Fn.join(',', directory.attrDnsIpAddresses) };
  }

  /** The values of an existing directory, in the same form, so that later stages need not distinguish the two. */
  #given(directory: ExistingDirectory) {
    const id = directory.type === 'self-managed' ? 'none' : givenId(this, directory.directoryId);
    return { 'directory-id': id, 'dns-addresses': directory.dnsAddresses.join(',') };
  }

  #directory(network: NetworkStack, edition: string): CfnMicrosoftAD {
    const { environment } = this.context;
    const { domain } = environment;
    const passwordKey = 'password' satisfies keyof DirectoryUserSecret;
    const password = new Secret(this, 'AdminPassword', {
      description: `Admin of the directory ${domain.name} (${environment.name})`,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({
          username: 'Admin',
          domainName: domain.name,
        } satisfies Partial<DirectoryUserSecret>),
        generateStringKey: passwordKey,
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
      name: domain.name,
      shortName: this.names.netbiosName,
      edition,
      password: password.secretValueFromJson(passwordKey).unsafeUnwrap(),
      vpcSettings: {
        vpcId: network.vpc.vpcId,
        // The service requires exactly two. Other subnets would replace the directory.
        subnetIds: network.subnetIds('isolated').slice(0, 2),
      },
    });
    for (const kept of [directory, password]) kept.applyRemovalPolicy(removalPolicyOf(environment));
    return directory;
  }
}
