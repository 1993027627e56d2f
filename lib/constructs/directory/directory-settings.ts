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
  /** Receives the domain controllers' security events; its name must begin with `/aws/directoryservice/`. */
  readonly securityLogs: ILogGroup;
  readonly alarmTopic: ITopic;
}

/**
 * TLS ciphers to disable on the domain controllers, by their names in `ds:UpdateSettings`.
 *
 * @see https://docs.aws.amazon.com/directoryservice/latest/admin-guide/ms_ad_directory_settings.html
 */
const refusedCiphers = ['RC4_40_128', 'RC4_56_128', 'RC4_64_128', 'RC4_128_128', 'DES_56_56'];

/**
 * Directory settings that CloudFormation does not support: forward its security log, enable the Directory Service Data
 * API (which creates the users), and disable weak ciphers. A function makes one change at a time and waits for it, because
 * each keeps the directory busy.
 */
export class DirectorySettings extends Construct {
  /** Resources that depend on this are created once the Data API is enabled. */
  readonly resource: CustomResource;

  constructor(scope: Construct, id: string, props: DirectorySettingsProps) {
    super(scope, id);
    const { context, directoryId, securityLogs, alarmTopic } = props;
    const mayWrite = new ResourcePolicy(this, 'MayWriteLogs', {
      // Must be unique in an account and region. The CDK's default, made of the path, is the same in every deployment.
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
      // Lambda's maximum; the function waits up to ten minutes for a busy directory.
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
      // Lambda retries a crashed call twice: 3 × 15 minutes.
      serviceTimeout: Duration.minutes(50),
      properties,
    });
    this.resource.node.addDependency(mayWrite);
  }
}
