import { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { type Place, readContract } from '../constructs/common/stage-contract.ts';
import { SqlProvisioning } from '../constructs/database/sql-provisioning.ts';
import { DatabaseAlarms } from '../constructs/monitoring/database-alarms.ts';
import { environmentAlarmTopic } from '../constructs/monitoring/runbook-alarm.ts';
import { environmentVpc } from '../constructs/network/environment-vpc.ts';
import { EnvironmentStack } from './environment-stack.ts';

/** The database, its data and the Windows login, and what watches SQL Server. */
export class DatabaseContentsStack extends EnvironmentStack {
  constructor(scope: Construct, id: string, place: Place) {
    super(scope, id, place, 'Database, data and login in SQL Server, and its alarms');
    const topic = environmentAlarmTopic(this, place);
    new DatabaseAlarms(this, 'Alarms', place, topic);
    new SqlProvisioning(this, 'Provisioning', {
      place,
      vpc: environmentVpc(this, place, ['private']),
      sqlServer: {
        host: readContract(this, place, 'database', 'endpoint-address'),
        adminSecretArn: readContract(this, place, 'database', 'admin-secret-arn'),
        securityGroup: SecurityGroup.fromSecurityGroupId(
          this,
          'SqlServerSecurityGroup',
          readContract(this, place, 'database', 'security-group-id'),
        ),
      },
      alarmTopic: topic,
    });
  }
}
