import {
  ConfigurationError,
  type Deployment,
  type DeploymentInput,
  loadDeployment,
  type NewDatabaseInput,
} from '../../lib/config/index.ts';
import { maximumServices } from '../../lib/config/services.ts';

/**
 * The deployment that the tests use. It differs from the one in `cdk.json`, which each fork changes: other names and
 * accounts there must not fail a test.
 */
export const exampleInput: DeploymentInput = {
  name: 'windows-auth',
  tools: { account: '111111111111', region: 'eu-central-1' },
  source: {
    type: 'connection',
    connectionArn:
      'arn:aws:codeconnections:eu-central-1:111111111111:connection/00000000-0000-0000-0000-000000000000',
    repository: 'example/ecs-windows-authentication',
    branch: 'main',
  },
  domain: { name: 'corp.example.com', netbiosName: 'CORP', user: 'db-user' },
  environments: [
    {
      name: 'staging',
      account: '222222222222',
      region: 'eu-central-1',
      deletionProtection: false,
      logRetentionDays: 30,
      loadBalancer: { scheme: 'internal', allowedClients: ['10.0.0.0/8'] },
    },
    {
      name: 'production',
      account: '333333333333',
      region: 'eu-central-1',
      approvals: { beforeEnvironment: true, beforeDatabase: true, beforeService: true },
      database: {
        edition: 'standard',
        instanceType: 'm6i.xlarge',
        storageGiB: 100,
        maximumStorageGiB: 500,
        multiAz: true,
        backupRetentionDays: 30,
      },
      service: { cpu: 512, memoryMiB: 1024, minimumTasks: 3, maximumTasks: 12 },
      loadBalancer: { scheme: 'internal', allowedClients: ['10.0.0.0/8'] },
    },
  ],
};

/** The configuration of an existing SQL Server. */
export type ExistingDatabaseInput = Extract<
  DeploymentInput['environments'][number]['database'],
  { type: 'existing' }
>;

/** A company's certificate authority, in this repository. */
export const companyAuthority = 'test/infrastructure/company-ca.pem';

/** An existing SQL Server on-premises. */
export const existingDatabase: ExistingDatabaseInput = {
  type: 'existing',
  host: 'sql01.corp.example.com',
  certificates: { files: [companyAuthority] },
  name: 'Music',
  access: { securityGroupId: 'sg-0123456789abcdef0' },
};

/** Changes some keys of an environment's own database. */
export function changeDatabase(
  environment: DeploymentInput['environments'][number],
  values: NewDatabaseInput,
): void {
  environment.database = { ...(environment.database as NewDatabaseInput | undefined), ...values };
}

/** The example deployment, changed by `change`. */
export function exampleDeployment(change: (deployment: DeploymentInput) => void = () => {}): Deployment {
  const input = structuredClone(exampleInput);
  change(input);
  return loadDeployment(input);
}

/**
 * The example on existing infrastructure: SQL Server and user exist already; one environment uses all available
 * options.
 */
export function existingDeployment(): Deployment {
  return exampleDeployment(({ environments: [staging, production] }) => {
    if (!staging || !production) throw new Error('The example has two environments.');
    const secret = (account: string, name: string) =>
      `arn:aws:secretsmanager:eu-central-1:${account}:secret:${name}-AbCdEf`;
    const kmsKeyArn = 'arn:aws:kms:eu-central-1:444444444444:key/01234567-89ab-cdef-0123-456789abcdef';
    staging.user = { name: 'svc-music', secretArn: secret('444444444444', 'corp/svc-music'), kmsKeyArn };
    staging.service = { credentialMode: 'fetched' };
    const kdcs = ['10.1.0.10', '10.1.1.10'];
    staging.trusted = [{ name: 'servers.example.net', dnsAddresses: kdcs, kdcs }];
    staging.database = {
      ...existingDatabase,
      host: 'listener.servers.example.net',
      port: 1533,
      spn: 'MSSQLSvc/music-group.servers.example.net:1533',
      tlsName: 'listener.example.net',
      domain: 'servers.example.net',
      multiSubnetFailover: true,
      userRoles: ['db_datawriter'],
      access: { securityGroupId: 'ssm:/network/sql01/group', manageIngress: true },
      provisioning: { administratorSecretArn: secret('444444444444', 'sql01/sa'), kmsKeyArn },
    };
    production.user = {
      name: 'svc-music',
      secretArn: secret('333333333333', 'corp/svc-music'),
      kmsKeyArn: kmsKeyArn.replace('444444444444', '333333333333'),
      rotation: 'own-password',
    };
    production.database = {
      ...existingDatabase,
      access: { addresses: ['10.1.0.0/24', 'pl-0123456789abcdef0'] },
    };
  });
}

/** The services in `services/` other than web. */
export const exampleServices: NonNullable<DeploymentInput['services']> = {
  worker: { kind: 'worker', roles: ['play_counter'], variables: { ROUND_SECONDS: '60' } },
  job: {
    kind: 'job',
    roles: ['report_reader'],
    schedule: 'cron(0 3 * * ? *)',
    timeZone: 'Europe/Berlin',
  },
};

/** The maximum number of services, all with names of maximum length. */
export const mostServices: NonNullable<DeploymentInput['services']> = Object.fromEntries(
  Array.from({ length: maximumServices }, (_, index) => [
    `a-service-${String(index).padStart(2, '0')}`,
    index % 2 === 0 ? exampleServices.worker : exampleServices.job,
  ]),
) as NonNullable<DeploymentInput['services']>;

/** The example with all optional features switched on in its first environment. Both environments face the internet. */
export function fullDeployment(): Deployment {
  return exampleDeployment((deployment) => {
    const [staging, production] = deployment.environments;
    if (!staging || !production) throw new Error('The example has two environments.');
    deployment.services = exampleServices;
    staging.services = {
      worker: {
        tasks: 2,
        secrets: {
          API_KEY: 'arn:aws:secretsmanager:eu-central-1:222222222222:secret:worker/api-key-AbCdEf',
        },
      },
      job: { retries: 0, credentialMode: 'fetched' },
    };
    staging.alarmEmail = 'operators@example.com';
    staging.network = { zones: ['a', 'b', 'c'], natGateways: 1, managementHost: true };
    staging.service = { credentialMode: 'fetched', deployment: 'blue-green' };
    staging.loadBalancer = {
      scheme: 'internet-facing',
      allowedClients: ['0.0.0.0/0'],
      hostName: 'music.example.com',
      hostedZone: { id: 'Z0123456789ABCDEFGHIJ', name: 'example.com' },
    };
    production.network = { natGateways: 2 };
    production.loadBalancer = { scheme: 'internet-facing', allowedClients: ['192.0.2.0/24'] };
  });
}

/** The error messages for a deployment: a sentence for each wrong value. */
export function sentencesAbout(deployment: unknown): string[] {
  try {
    loadDeployment(deployment);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message.split('\n');
    throw error;
  }
}
