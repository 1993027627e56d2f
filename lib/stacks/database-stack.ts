import type { Construct } from 'constructs';
import { DatabaseAlarms } from '../constructs/database-alarms.ts';
import { environmentVpc } from '../constructs/environment-vpc.ts';
import { environmentAlarmTopic } from '../constructs/runbook-alarm.ts';
import { SqlProvisioning } from '../constructs/sql-provisioning.ts';
import { SqlServer } from '../constructs/sql-server.ts';
import { type Place, publishContract, readContract } from '../constructs/stage-contract.ts';
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
