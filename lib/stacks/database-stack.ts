import type { Construct } from 'constructs';
import {
  forLifeRecord,
  type Place,
  publishContract,
  readContract,
} from '../constructs/common/stage-contract.ts';
import { SqlServer } from '../constructs/database/sql-server.ts';
import { environmentVpc } from '../constructs/network/environment-vpc.ts';
import { EnvironmentStack } from './environment-stack.ts';

/**
 * SQL Server in the domain of an environment, and nothing that can fail after it: making it takes half an hour, and a first
 * creation that fails would take it away again.
 */
export class DatabaseStack extends EnvironmentStack {
  constructor(scope: Construct, id: string, place: Place) {
    super(scope, id, place, 'SQL Server in the domain');
    const sqlServer = new SqlServer(this, 'SqlServer', {
      environment: place.environment,
      vpc: environmentVpc(this, place, ['isolated']),
      directoryId: readContract(this, place, 'directory', 'directory-id'),
    });
    publishContract(this, place, 'database', {
      'endpoint-address': sqlServer.instance.dbInstanceEndpointAddress,
      'security-group-id': sqlServer.securityGroup.securityGroupId,
      'admin-secret-arn': sqlServer.adminSecretArn,
      'for-life': forLifeRecord('database', place),
    });
  }
}
