import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { InstanceType, type IVpc, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import {
  CaCertificate,
  type CfnDBInstance,
  Credentials,
  DatabaseInstance,
  DatabaseInstanceEngine,
  type IInstanceEngine,
  LicenseModel,
  ParameterGroup,
  SqlServerEngineVersion,
  StorageType,
  SubnetGroup,
} from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import type { NewDatabase, WithOwnDatabase } from '../../config/index.ts';
import { domainServers, rdsPort } from '../../config/index.ts';
import { acknowledge } from '../common/acknowledge.ts';
import { environmentLogGroup } from '../common/environment-log-group.ts';
import { peerOf } from '../network/peers.ts';
import { subnetGroups } from '../network/subnet-groups.ts';
import { sqlServerDomainRole } from './sql-server-domain-role.ts';

export interface SqlServerProps {
  readonly environment: WithOwnDatabase;
  readonly vpc: IVpc;
  /** The AWS directory to join; undefined if the directory is self-managed. */
  readonly directoryId?: string | undefined;
}

const version = SqlServerEngineVersion.VER_16_00_4236_2_V1;
const engines: Readonly<Record<NewDatabase['edition'], IInstanceEngine>> = {
  express: DatabaseInstanceEngine.sqlServerEx({ version }),
  web: DatabaseInstanceEngine.sqlServerWeb({ version }),
  standard: DatabaseInstanceEngine.sqlServerSe({ version }),
  enterprise: DatabaseInstanceEngine.sqlServerEe({ version }),
};

/**
 * Requires TLS of every client, and disables broken versions and ciphers.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/SQLServer.Ciphers.html
 */
const parameters = {
  'rds.force_ssl': '1',
  'rds.tls10': 'disabled',
  'rds.tls11': 'disabled',
  'rds.rc4': 'disabled',
  'rds.3des168': 'disabled',
};

/** SQL Server on RDS: private, encrypted, a member of the domain. RDS manages and rotates the administrator's password. */
export class SqlServer extends Construct {
  readonly instance: DatabaseInstance;
  readonly securityGroup: SecurityGroup;
  /** The secret of its administrator, which RDS creates. */
  readonly adminSecretArn: string;

  constructor(scope: Construct, id: string, { environment, vpc, directoryId }: SqlServerProps) {
    super(scope, id);
    const { database, deletionProtection } = environment;
    const engine = engines[database.edition];
    const subnets = { subnetGroupName: subnetGroups.isolated };
    this.securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'SQL Server: each client adds its own rule; out to the domain controllers',
      allowAllOutbound: false,
    });
    // A domain member uses a dozen ports of its controllers, some of them dynamic.
    for (const addresses of domainServers(environment)) {
      this.securityGroup.addEgressRule(peerOf(addresses), Port.allTraffic(), 'Domain');
    }
    this.instance = new DatabaseInstance(this, 'Instance', {
      instanceIdentifier: database.identifier,
      engine,
      licenseModel: LicenseModel.LICENSE_INCLUDED,
      instanceType: new InstanceType(database.instanceType),
      port: rdsPort,
      vpc,
      vpcSubnets: subnets,
      subnetGroup: new SubnetGroup(this, 'Subnets', {
        description: 'Where SQL Server stands',
        vpc,
        vpcSubnets: subnets,
      }),
      securityGroups: [this.securityGroup],
      publiclyAccessible: false,
      multiAz: database.multiAz,
      ...(directoryId !== undefined && {
        domain: directoryId,
        domainRole: sqlServerDomainRole(this, 'DomainRole', directoryId),
      }),
      credentials: Credentials.fromUsername('admin'),
      manageMasterUserPassword: true,
      storageType: StorageType.GP3,
      allocatedStorage: database.storageGiB,
      maxAllocatedStorage: database.maximumStorageGiB,
      storageEncryptionKey: this.#storageKey(),
      parameterGroup: new ParameterGroup(this, 'Parameters', {
        engine,
        description: 'TLS for everybody',
        parameters,
      }),
      caCertificate: CaCertificate.RDS_CA_RSA2048_G1,
      backupRetention: Duration.days(database.backupRetentionDays),
      copyTagsToSnapshot: true,
      cloudwatchLogsExports: [...exportedLogs(environment)],
      monitoringInterval: Duration.minutes(1),
      monitoringRole: this.#monitoringRole(),
      // The version is pinned: after an automatic upgrade, the next deployment would request a downgrade, and fail.
      autoMinorVersionUpgrade: false,
      deletionProtection,
      removalPolicy: RemovalPolicy.SNAPSHOT,
    });
    this.#joinSelfManaged(environment);
    if (!this.instance.secret) throw new Error('The instance has no secret for its administrator.');
    this.adminSecretArn = this.instance.secret.secretArn;
    this.#keepLogs(environment);
    this.#acknowledge(environment);
  }

  /**
   * Joins a self-managed directory with an account of that directory, whose secret RDS reads itself. The CDK's construct has
   * no properties for this.
   *
   * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_SQLServer_SelfManagedActiveDirectory.html
   */
  #joinSelfManaged({ directory, domain }: WithOwnDatabase): void {
    if (directory.type !== 'self-managed' || !directory.join) return;
    const [first = '', second = first] = directory.dnsAddresses;
    const instance = this.instance.node.defaultChild as CfnDBInstance;
    instance.domainFqdn = domain.name;
    instance.domainOu = directory.join.ou;
    instance.domainAuthSecretArn = directory.join.secretArn;
    // RDS requires exactly two, so a single address is given twice.
    instance.domainDnsIps = [first, second];
  }

  #storageKey(): Key {
    return new Key(this, 'StorageKey', {
      description: 'Storage, backups and snapshots of SQL Server',
      enableKeyRotation: true,
      // The final snapshot is encrypted with this key, so the key is retained like the snapshot.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
  }

  #monitoringRole(): Role {
    const role = new Role(this, 'MonitoringRole', {
      assumedBy: new ServicePrincipal('monitoring.rds.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      description: 'Writes the metrics of the operating system below SQL Server',
      managedPolicies: [
        ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonRDSEnhancedMonitoringRole'),
      ],
    });
    acknowledge(role, {
      'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole]':
        'The policy that RDS demands for enhanced monitoring: it writes to the log group RDSOSMetrics and no other.',
    });
    return role;
  }

  /** Creates the log groups before RDS does: those that RDS creates never expire. */
  #keepLogs(environment: WithOwnDatabase): void {
    for (const log of exportedLogs(environment)) {
      const name = `/aws/rds/instance/${environment.database.identifier}/${log}`;
      this.instance.node.addDependency(environmentLogGroup(this, `Log-${log}`, environment, name));
    }
  }

  #acknowledge({ database, deletionProtection }: WithOwnDatabase): void {
    acknowledge(this.instance, {
      RDS11:
        'The port is part of the service principal name that clients ask tickets for, and hides nothing: ' +
        'the instance has no public address and its security group admits its clients alone.',
      ...(!database.multiAz && {
        RDS3: 'The configuration asks for one zone: this environment may be down while RDS repairs or patches it.',
      }),
      ...(!deletionProtection && {
        RDS10: 'The configuration lets this environment be deleted; a final snapshot is taken.',
      }),
    });
  }
}

/** Express has no SQL Server Agent. */
function exportedLogs({ database }: WithOwnDatabase): readonly string[] {
  return database.edition === 'express' ? ['error'] : ['error', 'agent'];
}
