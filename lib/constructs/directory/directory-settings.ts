import { Duration, Stack } from 'aws-cdk-lib';
import type { CfnMicrosoftAD } from 'aws-cdk-lib/aws-directoryservice';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ILogGroup, ResourcePolicy } from 'aws-cdk-lib/aws-logs';
import { AwsCustomResource, type AwsSdkCall, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';

export interface DirectorySettingsProps {
  readonly directory: CfnMicrosoftAD;
  /** Where the domain controllers' security events go; its name begins with `/aws/directoryservice/`. */
  readonly securityLogs: ILogGroup;
  /** The log of the function that makes the settings. */
  readonly functionLogs: ILogGroup;
}

/**
 * Ciphers that the domain controllers' TLS shall refuse, by the names that `ds:UpdateSettings` takes.
 *
 * @see https://docs.aws.amazon.com/directoryservice/latest/admin-guide/ms_ad_directory_settings.html
 */
const refusedCiphers = ['RC4_40_128', 'RC4_56_128', 'RC4_64_128', 'RC4_128_128', 'DES_56_56'];

/**
 * What CloudFormation cannot say about a directory: forward its security log, open the Directory Service Data API
 * (through which its users are made), and refuse weak ciphers. One call after the other, since each keeps the
 * directory busy.
 */
export class DirectorySettings extends Construct {
  /** Depend on this to come after the Data API has been asked for. */
  readonly dataAccess: AwsCustomResource;

  constructor(
    scope: Construct,
    id: string,
    { directory, securityLogs, functionLogs }: DirectorySettingsProps,
  ) {
    super(scope, id);
    const mayWrite = new ResourcePolicy(this, 'MayWriteLogs', {
      policyStatements: [
        new PolicyStatement({
          principals: [new ServicePrincipal('ds.amazonaws.com')],
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
          resources: [securityLogs.logGroupArn],
        }),
      ],
    });
    const role = this.#role(directory, functionLogs);
    const call = (name: string, action: string, parameters: object, already: string) => {
      const sdkCall: AwsSdkCall = {
        service: '@aws-sdk/client-directory-service',
        action,
        parameters: { DirectoryId: directory.ref, ...parameters },
        // The call is repeated on an update; the directory says when nothing is left to do.
        ignoreErrorCodesMatching: already,
        physicalResourceId: PhysicalResourceId.of(name),
      };
      return new AwsCustomResource(this, name, {
        onCreate: sdkCall,
        onUpdate: sdkCall,
        role,
        logGroup: functionLogs,
        timeout: Duration.minutes(2),
        installLatestAwsSdk: false,
      });
    };
    const logs = call(
      'SecurityLogs',
      'CreateLogSubscription',
      { LogGroupName: securityLogs.logGroupName },
      'EntityAlreadyExistsException',
    );
    logs.node.addDependency(mayWrite);
    this.dataAccess = call('DataAccess', 'EnableDirectoryDataAccess', {}, 'DirectoryInDesiredStateException');
    this.dataAccess.node.addDependency(logs);
    const ciphers = call(
      'Ciphers',
      'UpdateSettings',
      { Settings: refusedCiphers.map((Name) => ({ Name, Value: 'Disable' })) },
      'DirectoryInDesiredStateException',
    );
    ciphers.node.addDependency(this.dataAccess);
  }

  #role(directory: CfnMicrosoftAD, logs: ILogGroup): Role {
    const stack = Stack.of(this);
    const directoryArn = stack.formatArn({
      service: 'ds',
      resource: 'directory',
      resourceName: directory.ref,
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: 'Makes the settings of the directory that CloudFormation has no property for',
      inlinePolicies: {
        Directory: new PolicyDocument({
          statements: [
            new PolicyStatement({
              actions: ['ds:CreateLogSubscription', 'ds:EnableDirectoryDataAccess', 'ds:UpdateSettings'],
              resources: [directoryArn],
            }),
            new PolicyStatement({
              actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
              resources: [logs.logGroupArn],
            }),
          ],
        }),
      },
    });
    return role;
  }
}
