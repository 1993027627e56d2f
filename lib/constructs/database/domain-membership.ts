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
 * Waits until our instance is a member of a directory that others have created, and fails with RDS's reason if it does not
 * become one. Without this, CloudFormation would succeed: an instance that failed to join its domain runs all the same.
 */
export class DomainMembership extends Construct {
  /** Resources that depend on this are created once the instance is in its domain. */
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
      // Lambda's maximum; the function waits up to ten minutes for a join in progress.
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
      // Lambda retries a crashed call twice: 3 × 15 minutes.
      serviceTimeout: Duration.minutes(50),
      properties,
    });
  }
}

function joinedBy(directory: EnvironmentContext['environment']['directory']): string {
  if (directory.type === 'self-managed') return `${directory.join?.ou} ${directory.join?.secretArn}`;
  return directory.type === 'new' ? 'its own' : directory.directoryId;
}
