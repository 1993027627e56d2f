import { type DirectorySettingsProperties, directorySettingsPins } from '@packages/contracts';
import { CustomResource, Duration } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ILogGroup, ResourcePolicy } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { namesOf } from '../../config/index.ts';
import { directoryArn } from '../common/directory-arn.ts';
import { ProvisioningFunction } from '../common/provisioning-function.ts';
import type { EnvironmentContext } from '../common/stage-contract.ts';

export interface DirectorySettingsProps {
  readonly context: EnvironmentContext;
  readonly directoryId: string;
  /** Where the domain controllers' security events go; its name begins with `/aws/directoryservice/`. */
  readonly securityLogs: ILogGroup;
  readonly alarmTopic: ITopic;
}

/**
 * Ciphers that the domain controllers' TLS shall refuse, by the names that `ds:UpdateSettings` takes.
 *
 * @see https://docs.aws.amazon.com/directoryservice/latest/admin-guide/ms_ad_directory_settings.html
 */
const refusedCiphers = ['RC4_40_128', 'RC4_56_128', 'RC4_64_128', 'RC4_128_128', 'DES_56_56'];

/**
 * What CloudFormation cannot say about a directory: forward its security log, open the Directory Service Data API
 * (through which its users are made), and refuse weak ciphers. A function makes one after the other, and waits for each,
 * since each keeps the directory busy.
 */
export class DirectorySettings extends Construct {
  /** What depends on it finds the Data API open. */
  readonly resource: CustomResource;

  constructor(scope: Construct, id: string, props: DirectorySettingsProps) {
    super(scope, id);
    const { context, directoryId, securityLogs, alarmTopic } = props;
    const mayWrite = new ResourcePolicy(this, 'MayWriteLogs', {
      // One name for an account and region: made of the path it would be that of any deployment.
      resourcePolicyName: `${namesOf(context.deployment, context.environment).prefix}-directory-logs`,
      policyStatements: [
        new PolicyStatement({
          principals: [new ServicePrincipal('ds.amazonaws.com')],
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
          resources: [securityLogs.logGroupArn],
        }),
      ],
    });
    const properties: DirectorySettingsProperties = {
      DirectoryId: directoryId,
      LogGroupName: securityLogs.logGroupName,
      Settings: refusedCiphers.map((Name) => ({ Name, Value: 'Disable' })),
    };
    const provisioning = new ProvisioningFunction(this, 'Provisioning', {
      context,
      handler: 'directory-settings',
      description: 'Makes the settings of the directory that CloudFormation has no property for',
      // Ten minutes for a directory that is busy; what Lambda allows at most.
      timeout: Duration.minutes(15),
      statements: [
        new PolicyStatement({
          actions: [
            'ds:CreateLogSubscription',
            'ds:DescribeDirectoryDataAccess',
            'ds:DescribeSettings',
            'ds:EnableDirectoryDataAccess',
            'ds:UpdateSettings',
          ],
          resources: [directoryArn(this, directoryId)],
        }),
      ],
      pinned: directorySettingsPins(properties),
      alarmTopic,
      alarm: {
        name: 'directory-settings-not-made',
        description: 'The security log, the Data API or the ciphers of the directory could not be set.',
      },
    });
    this.resource = new CustomResource(this, 'Settings', {
      resourceType: 'Custom::DirectorySettings',
      serviceToken: provisioning.function.functionArn,
      // Lambda may repeat a call that died twice.
      serviceTimeout: Duration.minutes(50),
      properties,
    });
    this.resource.node.addDependency(mayWrite);
  }
}
