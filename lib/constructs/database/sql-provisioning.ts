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
    /** Of an instance of ours the name of the endpoint, which its certificate covers. */
    readonly host: string;
    readonly adminSecretArn: string;
    /** The key of that secret, where it is not AWS's own. */
    readonly adminKeyArn?: string | undefined;
    /** Lets a client reach it. @returns the group of SQL Server, if it has one */
    readonly reach: (client: ISecurityGroup) => ISecurityGroup | undefined;
  };
  readonly alarmTopic: ITopic;
}

/**
 * The database, its data and the Windows login, made over the private network with the administrator that RDS manages; in a
 * database of others, the login and its user alone, with the administrator that they name. The function stands in the
 * private subnets; it needs the endpoints of Secrets Manager and S3, and a way to the configured script, if there is one.
 */
export class SqlProvisioning extends Construct {
  readonly provisioning: ProvisioningFunction;
  /** The doors that provisioning needs. */
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
      // What Lambda allows at most; a script that takes longer goes on at the next deployment.
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
    // The rules of both security groups, too: without them the function cannot reach what it provisions.
    resource.node.addDependency(securityGroup, ...(serverGroup ? [serverGroup] : []));
  }
}

/** The right to read what the administrator signs in with. */
export function mayReadAdministrator({
  adminSecretArn,
  adminKeyArn,
}: Pick<SqlProvisioningProps['sqlServer'], 'adminSecretArn' | 'adminKeyArn'>): PolicyStatement[] {
  return [
    new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [adminSecretArn] }),
    ...(adminKeyArn ? [mayDecryptSecrets(adminKeyArn)] : []),
  ];
}

/** What is otherwise in a database of others: it must be there, and TLS is that of its owners. */
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
