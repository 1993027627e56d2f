import {
  type DirectoryUserProperties,
  type DirectoryUserSecret,
  directoryUserPins,
} from '@packages/contracts';
import { CustomResource, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { NewUser } from '../../config/index.ts';
import { directoryArn } from '../common/directory-arn.ts';
import { ownerOf } from '../common/owner.ts';
import { ProvisioningFunction } from '../common/provisioning-function.ts';
import { applyRemovalPolicy } from '../common/removal-policy.ts';
import type { EnvironmentContext } from '../common/stage-contract.ts';

export interface DirectoryUserProps {
  readonly context: EnvironmentContext;
  readonly user: NewUser;
  readonly directoryId: string;
  readonly alarmTopic: ITopic;
  /** The service that signs in as this user; undefined for web. */
  readonly service?: string;
}

/**
 * A user of the directory, created without a Windows host: Secrets Manager generates the password, and a function sets it
 * through the Directory Service APIs. The directory's data access must be enabled first (`user.node.addDependency(…)`).
 */
export class DirectoryUser extends Construct {
  readonly user: NewUser;
  /** The service that signs in as this user; undefined for web. */
  readonly service: string | undefined;
  /** Holds a `DirectoryUserSecret`. */
  readonly secret: Secret;
  readonly provisioning: ProvisioningFunction;
  /** The user itself: resources that depend on it are created once the user exists and has its password. */
  readonly resource: CustomResource;

  constructor(scope: Construct, id: string, props: DirectoryUserProps) {
    super(scope, id);
    const { context, user, directoryId, alarmTopic, service } = props;
    const { environment } = context;
    const { name: domainName } = environment.domain;
    const { name: username } = user;
    this.user = user;
    this.service = service;
    // The name is in the id, so another user gets another secret: running tasks need the old one until they are replaced.
    this.secret = new Secret(this, `Secret-${username}`, {
      description: `${username}@${domainName} (${environment.name}), who signs in to SQL Server`,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username, domainName } satisfies Partial<DirectoryUserSecret>),
        generateStringKey: 'password' satisfies keyof DirectoryUserSecret,
        passwordLength: 40,
        excludePunctuation: true,
      },
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    const properties: DirectoryUserProperties = {
      DirectoryId: directoryId,
      DomainName: domainName,
      Username: username,
      SecretArn: this.secret.secretArn,
      Owner: ownerOf(context),
      Adopt: user.adopt ? 'true' : 'false',
    };
    this.provisioning = new ProvisioningFunction(this, 'Provisioning', {
      context,
      handler: 'directory-user',
      description: 'Creates and deletes the directory user',
      // Lambda's maximum; the function waits up to ten minutes for a directory that was just created.
      timeout: Duration.minutes(15),
      statements: this.#statements(directoryId),
      pinned: directoryUserPins(properties),
      alarmTopic,
      alarm: {
        name: 'directory-user-not-provisioned',
        description: 'The directory user could not be created or deleted.',
        service,
      },
    });
    this.resource = new CustomResource(this, 'User', {
      resourceType: 'Custom::DirectoryUser',
      serviceToken: this.provisioning.function.functionArn,
      // Lambda retries a crashed call twice: 3 × 15 minutes.
      serviceTimeout: Duration.minutes(50),
      properties,
    });
    applyRemovalPolicy(this.resource, environment);
  }

  /** @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsdirectoryservicedata.html */
  #statements(directoryId: string): PolicyStatement[] {
    const directory = directoryArn(this, directoryId);
    return [
      new PolicyStatement({
        actions: [
          'ds:AccessDSData',
          'ds:DescribeDirectoryDataAccess',
          'ds:ResetUserPassword',
          'ds-data:CreateUser',
          'ds-data:DeleteUser',
          'ds-data:DescribeUser',
        ],
        resources: [directory],
      }),
      new PolicyStatement({
        actions: ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'],
        resources: [this.secret.secretArn],
      }),
      new PolicyStatement({ actions: ['secretsmanager:GetRandomPassword'], resources: ['*'] }),
    ];
  }
}
