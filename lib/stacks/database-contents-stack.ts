import type { ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { furtherServices, hasOwnDatabase } from '../config/index.ts';
import { type EnvironmentContext, readContract } from '../constructs/common/stage-contract.ts';
import { DomainMembership } from '../constructs/database/domain-membership.ts';
import { reachSqlServer } from '../constructs/database/reach-sql-server.ts';
import { SqlLogin } from '../constructs/database/sql-login.ts';
import { SqlProvisioning } from '../constructs/database/sql-provisioning.ts';
import { DatabaseAlarms } from '../constructs/monitoring/database-alarms.ts';
import { environmentAlarmTopic } from '../constructs/monitoring/runbook-alarm.ts';
import { environmentVpc } from '../constructs/network/environment-vpc.ts';
import { EnvironmentStack } from './environment-stack.ts';

/** The database, its data, the Windows logins and SQL Server's alarms; on a server of others, only the logins. */
export class DatabaseContentsStack extends EnvironmentStack {
  constructor(scope: Construct, id: string, context: EnvironmentContext) {
    const { environment } = context;
    const isOurs = hasOwnDatabase(environment);
    const description = isOurs
      ? 'Database, data and logins in SQL Server, and its alarms'
      : 'Login and rights in a SQL Server of others';
    super(scope, id, context, description);
    const topic = environmentAlarmTopic(this, context);
    if (isOurs) new DatabaseAlarms(this, 'Alarms', { ...context, environment }, topic);
    const membership =
      isOurs && environment.directory.type !== 'new'
        ? new DomainMembership(this, 'Membership', {
            context: { ...context, environment },
            alarmTopic: topic,
          })
        : undefined;
    const common = {
      context,
      vpc: environmentVpc(this, context, ['private']),
      sqlServer: {
        ...this.#administrator(),
        reach: (client: ISecurityGroup) =>
          reachSqlServer(this, 'SqlServerSecurityGroup', client, context, 'SQL Server'),
      },
      alarmTopic: topic,
    };
    const provisioning = new SqlProvisioning(this, 'Provisioning', common);
    // If the server did not join the domain, creating the login would wait and then fail with a less helpful error.
    if (membership) provisioning.node.addDependency(membership.resource);
    for (const service of furtherServices(context.deployment, environment)) {
      new SqlLogin(this, `Login-${service.name}`, { ...common, service, database: provisioning });
    }
  }

  #administrator() {
    const { database } = this.context.environment;
    if (database.type === 'new') {
      return {
        host: readContract(this, this.context, 'database', 'endpoint-address'),
        adminSecretArn: readContract(this, this.context, 'database', 'admin-secret-arn'),
      };
    }
    if (typeof database.provisioning === 'string')
      throw new Error('There is no administrator to provision with.');
    return {
      host: database.host,
      adminSecretArn: database.provisioning.administratorSecretArn,
      adminKeyArn: database.provisioning.kmsKeyArn,
    };
  }
}
