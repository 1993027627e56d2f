import type { Construct } from 'constructs';
import { sqlServerNames } from '../config/index.ts';
import {
  type EnvironmentContext,
  forLifeRecord,
  publishContract,
  readContract,
} from '../constructs/common/stage-contract.ts';
import { selfManagedHost } from '../constructs/database/domain-host.ts';
import { SqlServer } from '../constructs/database/sql-server.ts';
import { environmentVpc } from '../constructs/network/environment-vpc.ts';
import { EnvironmentStack } from './environment-stack.ts';

/**
 * Publishes the address and names of SQL Server, and creates it if it is ours. Nothing that may fail is created after it:
 * SQL Server takes half an hour to create, and the rollback of a failed stack would delete it again.
 */
export class DatabaseStack extends EnvironmentStack {
  constructor(scope: Construct, id: string, context: EnvironmentContext) {
    const { environment } = context;
    super(
      scope,
      id,
      context,
      environment.database.type === 'new'
        ? 'SQL Server in the domain'
        : 'Where SQL Server is, which others have made',
    );
    const { host, port, spn } = sqlServerNames(environment);
    const names = { host, port: String(port), 'service-principal': spn };
    if (environment.database.type === 'existing') {
      publishContract(this, context, 'database', {
        ...names,
        'tls-name': environment.database.tlsName,
        'for-life': forLifeRecord('database', context),
      });
      return;
    }
    const sqlServer = new SqlServer(this, 'SqlServer', {
      environment: { ...environment, database: environment.database },
      vpc: environmentVpc(this, context, ['isolated']),
      ...(environment.directory.type !== 'self-managed' && {
        directoryId: readContract(this, context, 'directory', 'directory-id'),
      }),
    });
    const endpoint = sqlServer.instance.dbInstanceEndpointAddress;
    const inDomain = environment.directory.type === 'self-managed' && selfManagedHost(environment, endpoint);
    publishContract(this, context, 'database', {
      ...names,
      ...(inDomain && { host: inDomain, 'service-principal': `MSSQLSvc/${inDomain}:${port}` }),
      'tls-name': endpoint,
      'endpoint-address': endpoint,
      'security-group-id': sqlServer.securityGroup.securityGroupId,
      'admin-secret-arn': sqlServer.adminSecretArn,
      'for-life': forLifeRecord('database', context),
    });
  }
}
