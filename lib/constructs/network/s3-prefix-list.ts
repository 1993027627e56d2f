import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { AwsCustomResource, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import { acknowledge } from '../common/acknowledge.ts';

/**
 * The id of AWS's managed prefix list for S3 in this region, looked up at deployment: CloudFormation cannot return it,
 * and AWS does not document it.
 *
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
 */
export class S3PrefixList extends Construct {
  readonly prefixListId: string;

  constructor(scope: Construct, id: string, { logGroup }: { readonly logGroup: ILogGroup }) {
    super(scope, id);
    const name = `com.amazonaws.${Stack.of(this).region}.s3`;
    const role = new Role(this, 'Role', {
      description: 'Finds the addresses of S3',
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    });
    role.addToPolicy(new PolicyStatement({ actions: ['ec2:DescribeManagedPrefixLists'], resources: ['*'] }));
    logGroup.grantWrite(role);
    const list = new AwsCustomResource(this, 'List', {
      onUpdate: {
        service: 'EC2',
        action: 'DescribeManagedPrefixLists',
        parameters: { Filters: [{ Name: 'prefix-list-name', Values: [name] }] },
        outputPaths: ['PrefixLists.0.PrefixListId'],
        physicalResourceId: PhysicalResourceId.of(name),
      },
      role,
      installLatestAwsSdk: false,
      logGroup,
    });
    this.prefixListId = list.getResponseField('PrefixLists.0.PrefixListId');
    acknowledge(role, { 'IAM5[Resource::*]': 'To describe lists of addresses has no resource level.' });
  }
}
