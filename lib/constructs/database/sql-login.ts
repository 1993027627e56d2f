import { type SqlLoginProperties, sqlLoginPins } from '@packages/contracts';
import { CustomResource, Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { type FurtherService, serviceNamesOf, sqlServerNames } from '../../config/index.ts';
import { ownerOf } from '../common/owner.ts';
import { ProvisioningFunction } from '../common/provisioning-function.ts';
import { applyRemovalPolicy } from '../common/removal-policy.ts';
import {
  mayReadAdministrator,
  ofOthers,
  type SqlProvisioning,
  type SqlProvisioningProps,
} from './sql-provisioning.ts';

interface SqlLoginProps extends Pick<SqlProvisioningProps, 'context' | 'vpc' | 'sqlServer' | 'alarmTopic'> {
  readonly service: FurtherService;
  /** Provisions the database, and the roles in it. */
  readonly database: SqlProvisioning;
}

/**
 * The Windows login of a further service, with the service's own roles and no other rights. Its function serves only this
 * login, and shares the security group of the database's function.
 */
export class SqlLogin extends Construct {
  constructor(scope: Construct, id: string, props: SqlLoginProps) {
    super(scope, id);
    const { context, vpc, sqlServer, alarmTopic, service, database } = props;
    const { deployment, environment } = context;
    const properties: SqlLoginProperties = {
      Host: sqlServer.host,
      Port: sqlServerNames(environment).port,
      ...ofOthers(environment.database),
      Database: environment.database.name,
      AdminSecretArn: sqlServer.adminSecretArn,
      Login: serviceNamesOf(deployment, environment, service).login,
      Owner: ownerOf(context),
      Roles: service.roles,
    };
    const provisioning = new ProvisioningFunction(this, 'Provisioning', {
      context,
      handler: 'sql-login',
      description: `Makes the Windows login of the service ${service.name}`,
      timeout: Duration.minutes(15),
      statements: mayReadAdministrator(sqlServer),
      network: { vpc, securityGroup: database.securityGroup },
      pinned: sqlLoginPins(properties),
      alarmTopic,
      alarm: {
        name: 'login-not-provisioned',
        description: 'The Windows login of the service, or a role of it, could not be made or taken away.',
        service: service.name,
      },
    });
    const login = new CustomResource(this, 'Login', {
      resourceType: 'Custom::SqlLogin',
      serviceToken: provisioning.function.functionArn,
      serviceTimeout: Duration.minutes(50),
      properties,
    });
    applyRemovalPolicy(login, environment);
    login.node.addDependency(database);
  }
}
