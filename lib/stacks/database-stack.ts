import type { Construct } from 'constructs';
import { type Place, publishContract, readContract } from '../constructs/common/stage-contract.ts';
import { SqlProvisioning } from '../constructs/database/sql-provisioning.ts';
import { SqlServer } from '../constructs/database/sql-server.ts';
import { DatabaseAlarms } from '../constructs/monitoring/database-alarms.ts';
import { environmentAlarmTopic } from '../constructs/monitoring/runbook-alarm.ts';
import { environmentVpc } from '../constructs/network/environment-vpc.ts';
import { EnvironmentStack } from './environment-stack.ts';

/** SQL Server in the domain of an environment, and in it the database, its data and the Windows login. */
export class DatabaseStack extends EnvironmentStack {
  constructor(scope: Construct, id: string, place: Place) {
    super(scope, id, place, 'SQL Server in the domain, its database and login');
    const vpc = environmentVpc(this, place, ['private', 'isolated']);
    const sqlServer = new SqlServer(this, 'SqlServer', {
      environment: place.environment,
      vpc,
      directoryId: readContract(this, place, 'directory', 'directory-id'),
    });
    const topic = environmentAlarmTopic(this, place);
    new DatabaseAlarms(this, 'Alarms', place, topic);
    new SqlProvisioning(this, 'Provisioning', { place, vpc, sqlServer, alarmTopic: topic });
    publishContract(this, place, 'database', {
      'endpoint-address': sqlServer.instance.dbInstanceEndpointAddress,
      'security-group-id': sqlServer.securityGroup.securityGroupId,
    });
  }
}
