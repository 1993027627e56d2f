import { type DomainMembershipProperties, domainMembershipPins } from '@packages/contracts';
import { ArnFormat, CustomResource, Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { WithOwnDatabase } from '../../config/index.ts';
import { ProvisioningFunction } from '../common/provisioning-function.ts';
import type { EnvironmentContext } from '../common/stage-contract.ts';

export interface DomainMembershipProps {
  readonly context: EnvironmentContext & { readonly environment: WithOwnDatabase };
  readonly alarmTopic: ITopic;
}

/**
 * Waits until an instance of ours is a member of a directory that others have made, and tells RDS' reason when it is not:
 * an instance whose join has failed runs, and CloudFormation takes it for made.
 */
export class DomainMembership extends Construct {
  /** What depends on it finds the instance in its domain. */
  readonly resource: CustomResource;

  constructor(scope: Construct, id: string, { context, alarmTopic }: DomainMembershipProps) {
    super(scope, id);
    const { database, directory, domain } = context.environment;
    const properties: DomainMembershipProperties = {
      Instance: database.identifier,
      DomainName: domain.name,
      Joined: joinedBy(directory),
      DnsAddresses: directory.type === 'new' ? 'its own' : directory.dnsAddresses.join(','),
    };
    const stack = Stack.of(this);
    const instance = stack.formatArn({
      service: 'rds',
      resource: 'db',
      resourceName: database.identifier,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const provisioning = new ProvisioningFunction(this, 'Provisioning', {
      context,
      handler: 'domain-membership',
      description: 'Waits until SQL Server is a member of the domain',
      // Ten minutes for a join that goes on; what Lambda allows at most.
      timeout: Duration.minutes(15),
      statements: [
        new PolicyStatement({ actions: ['rds:DescribeDBInstances'], resources: [instance] }),
        new PolicyStatement({ actions: ['rds:DescribeEvents'], resources: ['*'] }),
      ],
      pinned: domainMembershipPins(properties),
      alarmTopic,
      alarm: {
        name: 'domain-not-joined',
        description: 'SQL Server could not join the domain, or not in time.',
      },
    });
    this.resource = new CustomResource(this, 'Membership', {
      resourceType: 'Custom::DomainMembership',
      serviceToken: provisioning.function.functionArn,
      // Lambda may repeat a call that died twice.
      serviceTimeout: Duration.minutes(50),
      properties,
    });
  }
}

function joinedBy(directory: EnvironmentContext['environment']['directory']): string {
  if (directory.type === 'self-managed') return `${directory.join?.ou} ${directory.join?.secretArn}`;
  return directory.type === 'new' ? 'its own' : directory.directoryId;
}
