import { type SqlDatabaseProperties, sqlDatabasePins } from '@packages/contracts';
import { CustomResource, Duration } from 'aws-cdk-lib';
import { type ISecurityGroup, type IVpc, Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { namesOf, sqlServerPort } from '../../config/index.ts';
import { ownerOf } from '../common/owner.ts';
import { provisioningContentHash } from '../common/provisioning-code.ts';
import { ProvisioningFunction } from '../common/provisioning-function.ts';
import { applyRemovalPolicy } from '../common/removal-policy.ts';
import type { Place } from '../common/stage-contract.ts';
import { allowDns } from '../network/allow-dns.ts';
import { allowAws, awsAccess } from '../network/aws-access.ts';
import { scriptObject } from '../network/endpoint-policies.ts';

export interface SqlProvisioningProps {
  readonly place: Place;
  readonly vpc: IVpc;
  readonly sqlServer: {
    /** The name of the endpoint, which its certificate bears. */
    readonly host: string;
    readonly adminSecretArn: string;
    readonly securityGroup: ISecurityGroup;
  };
  readonly alarmTopic: ITopic;
}

/**
 * The database, its data and the Windows login, made over the private network with the administrator that RDS manages.
 * The function stands in the private subnets; it needs the endpoints of Secrets Manager and S3, and a way to the
 * configured script, if there is one.
 */
export class SqlProvisioning extends Construct {
  readonly provisioning: ProvisioningFunction;

  constructor(scope: Construct, id: string, props: SqlProvisioningProps) {
    super(scope, id);
    const { place, vpc, sqlServer, alarmTopic } = props;
    const { name, userRoles, script } = place.environment.database;
    const properties: SqlDatabaseProperties = {
      Host: sqlServer.host,
      Port: sqlServerPort,
      Database: name,
      AdminSecretArn: sqlServer.adminSecretArn,
      Login: namesOf(place.deployment, place.environment).login,
      Owner: ownerOf(place),
      ExtraRoles: userRoles,
      ...(script ? { Script: script } : { Scripts: provisioningContentHash('sql-database') }),
    };
    const securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Provisioning of the database: to SQL Server, AWS endpoints and S3',
      allowAllOutbound: false,
    });
    allowDns(securityGroup, place.environment);
    securityGroup.connections.allowTo(sqlServer.securityGroup, Port.tcp(sqlServerPort), 'SQL Server');
    allowAws(securityGroup, awsAccess(this, place));
    if (script && !scriptObject(script.url)) {
      securityGroup.addEgressRule(Peer.anyIpv4(), Port.HTTPS, 'The configured script');
    }
    this.provisioning = new ProvisioningFunction(this, 'Provisioning', {
      place,
      handler: 'sql-database',
      description: 'Makes the database, its data and the Windows login',
      // What Lambda allows at most; a script that takes longer goes on at the next deployment.
      timeout: Duration.minutes(15),
      statements: [
        new PolicyStatement({
          actions: ['secretsmanager:GetSecretValue'],
          resources: [sqlServer.adminSecretArn],
        }),
      ],
      network: { vpc, securityGroup },
      pinned: sqlDatabasePins(properties),
      alarmTopic,
      alarm: {
        name: 'database-not-provisioned',
        says: 'The database, its data or the Windows login could not be made.',
      },
    });
    const database = new CustomResource(this, 'Database', {
      resourceType: 'Custom::SqlDatabase',
      serviceToken: this.provisioning.function.functionArn,
      serviceTimeout: Duration.minutes(50),
      properties,
    });
    applyRemovalPolicy(database, place.environment);
    // The rules of both security groups, too: without them the function cannot reach what it provisions.
    database.node.addDependency(securityGroup, sqlServer.securityGroup);
  }
}
