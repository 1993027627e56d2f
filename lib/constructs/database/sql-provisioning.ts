import { type SqlDatabaseProperties, sqlDatabasePins } from '@packages/contracts';
import { CustomResource, Duration } from 'aws-cdk-lib';
import { type ISecurityGroup, type IVpc, Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { authoritiesOf, type Environment, namesOf, sqlServerNames } from '../../config/index.ts';
import { ownerOf } from '../common/owner.ts';
import { provisioningContentHash } from '../common/provisioning-code.ts';
import { ProvisioningFunction } from '../common/provisioning-function.ts';
import { applyRemovalPolicy } from '../common/removal-policy.ts';
import { mayDecryptSecrets } from '../common/secret-key.ts';
import type { EnvironmentContext } from '../common/stage-contract.ts';
import { allowDns } from '../network/allow-dns.ts';
import { allowAws, awsAccess } from '../network/aws-access.ts';
import { scriptObject } from '../network/endpoint-policies.ts';

export interface SqlProvisioningProps {
  readonly context: EnvironmentContext;
  readonly vpc: IVpc;
  readonly sqlServer: {
    /** For our own instance, the name of its endpoint, which its certificate covers. */
    readonly host: string;
    readonly adminSecretArn: string;
    /** The key of that secret, if it is a customer managed one. */
    readonly adminKeyArn?: string | undefined;
    /** Lets a client reach SQL Server. @returns the security group of SQL Server, if it has one */
    readonly reach: (client: ISecurityGroup) => ISecurityGroup | undefined;
  };
  readonly alarmTopic: ITopic;
}

/**
 * Creates the database, its data and the Windows login over the private network, as the administrator that RDS manages. In
 * an existing database it creates only the login and its user, as the administrator that the configuration names. The
 * function runs in the private subnets. It must reach Secrets Manager, S3, and the configured script, if there is one.
 */
export class SqlProvisioning extends Construct {
  readonly provisioning: ProvisioningFunction;
  /** Allows the connections that provisioning needs. */
  readonly securityGroup: ISecurityGroup;

  constructor(scope: Construct, id: string, props: SqlProvisioningProps) {
    super(scope, id);
    const { context, vpc, sqlServer, alarmTopic } = props;
    const { database } = context.environment;
    const { name, userRoles, roles } = database;
    const script = database.type === 'new' ? database.script : undefined;
    const properties: SqlDatabaseProperties = {
      Host: sqlServer.host,
      Port: sqlServerNames(context.environment).port,
      ...ofOthers(database),
      Database: name,
      AdminSecretArn: sqlServer.adminSecretArn,
      Login: namesOf(context.deployment, context.environment).login,
      Owner: ownerOf(context),
      ExtraRoles: userRoles,
      ...(roles && { Roles: roles }),
      ...(script && { Script: script }),
      ...(database.type === 'new' && !script && { Scripts: provisioningContentHash('sql-database') }),
    };
    const securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Provisioning of the database: to SQL Server, AWS endpoints and S3',
      allowAllOutbound: false,
    });
    this.securityGroup = securityGroup;
    allowDns(securityGroup, context.environment);
    const serverGroup = sqlServer.reach(securityGroup);
    allowAws(securityGroup, awsAccess(this, context));
    if (script && !scriptObject(script.url)) {
      securityGroup.addEgressRule(Peer.anyIpv4(), Port.HTTPS, 'The configured script');
    }
    this.provisioning = new ProvisioningFunction(this, 'Provisioning', {
      context,
      handler: 'sql-database',
      description: 'Makes the database, its data and the Windows login',
      // Lambda's maximum; a script that takes longer continues at the next deployment.
      timeout: Duration.minutes(15),
      statements: mayReadAdministrator(sqlServer),
      network: { vpc, securityGroup },
      pinned: sqlDatabasePins(properties),
      alarmTopic,
      alarm: {
        name: 'database-not-provisioned',
        description: 'The database, its data or the Windows login could not be made.',
      },
    });
    const resource = new CustomResource(this, 'Database', {
      resourceType: 'Custom::SqlDatabase',
      serviceToken: this.provisioning.function.functionArn,
      serviceTimeout: Duration.minutes(50),
      properties,
    });
    applyRemovalPolicy(resource, context.environment);
    // This includes the rules of both security groups, without which the function cannot reach SQL Server.
    resource.node.addDependency(securityGroup, ...(serverGroup ? [serverGroup] : []));
  }
}

/** Permission to read the administrator's credentials. */
export function mayReadAdministrator({
  adminSecretArn,
  adminKeyArn,
}: Pick<SqlProvisioningProps['sqlServer'], 'adminSecretArn' | 'adminKeyArn'>): PolicyStatement[] {
  return [
    new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [adminSecretArn] }),
    ...(adminKeyArn ? [mayDecryptSecrets(adminKeyArn)] : []),
  ];
}

/** Properties for a database of others: it must already exist, and its owners decide about TLS. */
export function ofOthers(
  database: Environment['database'],
): Pick<SqlDatabaseProperties, 'Existing' | 'TlsName' | 'Authorities'> {
  if (database.type === 'new') return {};
  const { tlsName, certificates } = database;
  return {
    Existing: 'true',
    TlsName: tlsName,
    ...(certificates !== 'rds' && { Authorities: authoritiesOf(certificates.files) }),
  };
}
