import type { NewDatabaseInput } from '../../../lib/config/index.ts';
import {
  changeDatabase,
  companyAuthority,
  type ExistingDatabaseInput,
  existingDatabase,
} from '../example-deployment.ts';
import { type Answer, type Change, carriedOut, type EnvironmentInput, refused } from './answer.ts';
import {
  directoryThere,
  networkFacing,
  networkThere,
  secretOf,
  selfManaged,
  there,
  trusting,
} from './estate.ts';
import { serviceAnswers } from './service-answers.ts';

const certificateArn = 'arn:aws:acm:eu-central-1:333333333333:certificate/one';
const hostedZone = { id: 'Z0123456789ABCDEFGHIJ', name: 'example.com' };
const hostName = 'music.example.com';
const network =
  (values: Extract<EnvironmentInput['network'], { type?: 'new' | undefined }>): Change =>
  (environment) => {
    environment.network = { ...(environment.network as typeof values), ...values };
  };
const database =
  (values: NewDatabaseInput): Change =>
  (environment) => {
    changeDatabase(environment, values);
  };
const service =
  (values: EnvironmentInput['service']): Change =>
  (environment) => {
    environment.service = { ...environment.service, ...values };
  };
const balancer =
  (values: Partial<EnvironmentInput['loadBalancer']>): Change =>
  (environment) => {
    environment.loadBalancer = { ...environment.loadBalancer, ...values };
  };

const group = 'sg-0123456789abcdef0';
const given = there();

const script = { url: 'https://scripts.s3.eu-central-1.amazonaws.com/all.sql', sha256: '0'.repeat(64) };

const secretArn = 'arn:aws:secretsmanager:eu-central-1:333333333333:secret:corp/svc-music-AbCdEf';
const kmsKeyArn = 'arn:aws:kms:eu-central-1:333333333333:key/01234567-89ab-cdef-0123-456789abcdef';
const user =
  (values: EnvironmentInput['user']): Change =>
  (environment) => {
    environment.user = { ...environment.user, ...values };
  };
const existing =
  (values: Partial<ExistingDatabaseInput> = {}): Change =>
  (environment) => {
    const before = environment.database?.type === 'existing' ? environment.database : existingDatabase;
    environment.database = { ...before, ...values };
  };
/** For an existing SQL Server, in both configurations. */
const ofExisting = (
  values: Partial<ExistingDatabaseInput>,
  more: Partial<Answer> = {},
  given = existing(),
): Answer => carriedOut(existing(values), { given, ...more });
const administrator = { administratorSecretArn: secretArn };

/** One answer for each key that affects the stacks of an environment. */
export const answers: Readonly<Record<string, Answer>> = {
  'domain.name': refused((_, { domain }) => {
    if (domain) domain.name = 'other.example.com';
  }),
  'domain.netbiosName': refused((_, { domain }) => {
    if (domain) domain.netbiosName = 'OTHER';
  }),
  'domain.user': carriedOut(
    (_, { domain }) => {
      if (domain) domain.user = 'other-user';
    },
    {
      tasks: true,
      beside: ['AWS::SecretsManager::Secret', 'Custom::DirectoryUser', 'Custom::SqlDatabase'],
    },
  ),
  'domain.adoptUser': carriedOut((_, { domain }) => {
    if (domain) domain.adoptUser = true;
  }),
  'user.name': carriedOut(user({ name: 'other-user' }), {
    tasks: true,
    beside: ['AWS::SecretsManager::Secret', 'Custom::DirectoryUser', 'Custom::SqlDatabase'],
  }),
  'user.adopt': carriedOut(user({ adopt: true })),
  'user.rotationDays': carriedOut(user({ rotationDays: 7 })),
  'user.secretArn': carriedOut(user({ name: 'svc-music', secretArn }), {
    tasks: true,
    beside: ['AWS::SecretsManager::Secret', 'Custom::DirectoryUser', 'Custom::SqlDatabase'],
  }),
  'user.secretArn, from a user of that name that nothing protects': refused(
    (environment) => {
      environment.user = { name: 'svc-music', secretArn };
    },
    {
      given: (environment) => {
        environment.user = { name: 'svc-music' };
        environment.deletionProtection = false;
      },
      refusal: 'svc-music was created by a delivery, and the configuration now gives its secret',
      back: 'carried out',
      tasks: true,
      beside: ['AWS::SecretsManager::Secret', 'Custom::SqlDatabase'],
    },
  ),
  'user.rotation': carriedOut(user({ rotation: 'own-password' }), {
    given: user({ secretArn }),
    beside: ['AWS::SecretsManager::RotationSchedule'],
  }),
  'user.kmsKeyArn': carriedOut(user({ kmsKeyArn }), { given: user({ secretArn }) }),
  // Requires that the accounts have this bootstrap. Afterwards, its files and roles are used.
  'tools.bootstrapQualifier': carriedOut((_, { tools }) => {
    tools.bootstrapQualifier = 'other';
  }),
  'images.architecture': carriedOut(
    (_, deployment) => {
      deployment.images = { architecture: 'arm64' };
    },
    { tasks: true },
  ),
  runbookUrl: carriedOut((_, deployment) => {
    deployment.runbookUrl = 'https://example.com/runbook';
  }),
  tags: carriedOut((_, deployment) => {
    deployment.tags = { team: 'music' };
  }),
  alarmEmail: carriedOut((environment) => {
    environment.alarmEmail = 'operators@example.com';
  }),
  logRetentionDays: carriedOut((environment) => {
    environment.logRetentionDays = 365;
  }),
  deletionProtection: carriedOut((environment) => {
    environment.deletionProtection = false;
  }),
  'network.cidr': refused(network({ cidr: '10.1.0.0/16' })),
  'network.zones': carriedOut(network({ zones: ['a', 'b', 'c'] }), { back: 'refused' }),
  'network.natGateways': carriedOut(network({ natGateways: 2 })),
  'network.managementHost': carriedOut(network({ managementHost: true })),
  'directory.edition': refused((environment) => {
    environment.directory = { edition: 'Enterprise' };
  }),
  'directory.rotationDays': carriedOut((environment) => {
    environment.directory = { rotationDays: 7 };
  }),
  'network.type': refused(
    (environment) => {
      environment.network = networkThere;
    },
    {
      given: (environment) => {
        environment.directory = { ...directoryThere, resolver: 'create' };
      },
    },
  ),
  'network.vpcId': refused(there({ vpcId: 'vpc-0123456789abcdef1' }), { given }),
  'network.cidrs': carriedOut(there({ cidrs: ['10.20.0.0/16', '100.64.0.0/20'], endpoints: ['logs'] }), {
    given: there({ endpoints: ['logs'] }),
  }),
  'network.dns': carriedOut(there({ dns: { servers: ['10.20.0.53'] } }), { given }),
  'network.dns.servers': carriedOut(there({ dns: { servers: ['10.20.0.53', '10.20.1.53'] } }), {
    given: there({ dns: { servers: ['10.20.0.53'] } }),
  }),
  'network.endpoints': carriedOut(there({ endpoints: 'all' }), { given }),
  'network.awsAddresses': carriedOut(there({ awsAddresses: ['pl-0123456789abcdef0', '10.99.0.0/24'] }), {
    given,
  }),
  'network.natAddresses': carriedOut(there({ ...networkFacing, natAddresses: ['198.51.100.7'] }), {
    given: (environment, deployment) => {
      there(networkFacing)(environment, deployment);
      environment.loadBalancer = { scheme: 'internet-facing', allowedClients: ['192.0.2.0/24'] };
    },
  }),
  'network.extraSecurityGroups.tasks': carriedOut(there({ extraSecurityGroups: { tasks: [group] } }), {
    given,
  }),
  'network.extraSecurityGroups.functions': carriedOut(
    there({ extraSecurityGroups: { functions: [group] } }),
    { given },
  ),
  'network.extraSecurityGroups.loadBalancer': carriedOut(
    there({ extraSecurityGroups: { loadBalancer: ['ssm:/network/balancer-group'] } }),
    { given },
  ),
  'directory.type': refused(given, {
    given: (environment) => {
      environment.network = networkThere;
      environment.directory = { resolver: 'create' };
    },
  }),
  'directory.directoryId': refused(there({}, { directoryId: 'd-9876543210' }), { given }),
  'directory.dnsAddresses': carriedOut(there({}, { dnsAddresses: ['10.20.1.11', '10.20.2.11'] }), { given }),
  'directory.controllers': carriedOut(there({}, { controllers: ['10.20.1.0/24', 'pl-0123456789abcdef0'] }), {
    given,
  }),
  'directory.kdcs': carriedOut(there({}, { kdcs: ['dc1.corp.example.com'] }), { given, tasks: true }),
  'directory.resolver': carriedOut(there({}, { resolver: 'create' }), { given }),
  'directory.resolver.ruleId': carriedOut(there({}, { resolver: { ruleId: 'rslvr-rr-0123456789abcdef0' } }), {
    given,
  }),
  'directory.join.ou': carriedOut(
    selfManaged({ join: { ou: 'OU=Other,DC=corp,DC=example,DC=com', secretArn: secretOf('join') } }),
    { given: selfManaged() },
  ),
  'directory.join.secretArn': carriedOut(
    selfManaged({
      join: { ou: 'OU=SQL,OU=Servers,DC=corp,DC=example,DC=com', secretArn: secretOf('other') },
    }),
    { given: selfManaged() },
  ),
  'trusted.name': carriedOut(trusting({ name: 'other.example.com' }), { given: trusting() }),
  'trusted.dnsAddresses': carriedOut(trusting({ dnsAddresses: ['10.30.1.11'] }), { given: trusting() }),
  'trusted.controllers': carriedOut(trusting({ controllers: ['10.30.0.0/16'] }), { given: trusting() }),
  'trusted.resolver': carriedOut(trusting({ resolver: 'none' }), { given: trusting() }),
  'trusted.resolver.ruleId': carriedOut(trusting({ resolver: { ruleId: 'rslvr-rr-0123456789abcdef0' } }), {
    given: trusting({ resolver: 'none' }),
  }),
  'database.type': refused(existing()),
  'database.host': ofExisting({ host: 'sql02.corp.example.com' }, { tasks: true }),
  'database.port': ofExisting({ port: 1533 }, { tasks: true }),
  'database.spn': ofExisting({ spn: 'MSSQLSvc/sql01.corp.example.com:MUSIC' }, { tasks: true }),
  'database.tlsName': ofExisting({ tlsName: 'sql.example.com' }, { tasks: true }),
  'database.domain': ofExisting(
    { domain: 'partner.example.com' },
    { tasks: true },
    (environment, deployment) => {
      existing()(environment, deployment);
      trusting()(environment, deployment);
    },
  ),
  'database.certificates': ofExisting({ certificates: 'rds' }, { tasks: true }),
  'database.certificates.files': ofExisting(
    { certificates: { files: [companyAuthority] } },
    { tasks: true },
    existing({ certificates: 'rds' }),
  ),
  'database.multiSubnetFailover': ofExisting({ multiSubnetFailover: true }, { tasks: true }),
  'database.access.securityGroupId': ofExisting({ access: { securityGroupId: 'ssm:/network/sql01/group' } }),
  'database.access.addresses': ofExisting({ access: { addresses: ['10.1.0.0/24', 'pl-0123456789abcdef0'] } }),
  'database.access.manageIngress': ofExisting({
    access: { securityGroupId: 'sg-0123456789abcdef0', manageIngress: true },
  }),
  'database.provisioning': ofExisting({ provisioning: administrator }, { beside: ['Custom::SqlDatabase'] }),
  'database.provisioning.administratorSecretArn': ofExisting(
    { provisioning: { administratorSecretArn: secretArn.replace('svc-music', 'sa') } },
    {},
    existing({ provisioning: administrator }),
  ),
  'database.provisioning.kmsKeyArn': ofExisting(
    { provisioning: { ...administrator, kmsKeyArn } },
    {},
    existing({ provisioning: administrator }),
  ),
  'database.identifier': refused(database({ identifier: 'other' })),
  'database.name': carriedOut(database({ name: 'Other' }), { tasks: true }),
  'database.edition': refused(database({ edition: 'enterprise' })),
  'database.instanceType': carriedOut(database({ instanceType: 'm6i.2xlarge' })),
  'database.storageGiB': carriedOut(database({ storageGiB: 200 }), { back: 'refused' }),
  'database.maximumStorageGiB': carriedOut(database({ maximumStorageGiB: 900 })),
  'database.multiAz': carriedOut(database({ multiAz: false })),
  'database.backupRetentionDays': carriedOut(database({ backupRetentionDays: 7 })),
  'database.userRoles': carriedOut(database({ userRoles: ['db_datawriter'] })),
  'database.roles': carriedOut(database({ roles: ['album_reader'] })),
  'database.script.url': carriedOut(
    database({ script: { ...script, url: script.url.replace('all', 'other') } }),
    { given: database({ script }) },
  ),
  'database.script.sha256': carriedOut(database({ script }), {}),
  'service.cpu': carriedOut(service({ cpu: 1024, memoryMiB: 2048 }), { tasks: true }),
  'service.memoryMiB': carriedOut(service({ memoryMiB: 2048 }), { tasks: true }),
  'service.minimumTasks': carriedOut(service({ minimumTasks: 4 })),
  // The number of tasks determines over how many seconds new tasks spread their first sign-in.
  'service.maximumTasks': carriedOut(service({ maximumTasks: 20 }), { tasks: true }),
  'service.credentialMode': carriedOut(service({ credentialMode: 'fetched' }), { tasks: true }),
  'service.ticketMode': carriedOut(service({ ticketMode: 'tgt' }), { tasks: true }),
  'service.deployment': carriedOut(service({ deployment: 'blue-green' })),
  ...serviceAnswers,
  'loadBalancer.scheme': carriedOut(balancer({ scheme: 'internet-facing' }), {
    given: network({ natGateways: 2 }),
  }),
  'loadBalancer.allowedClients': carriedOut(balancer({ allowedClients: ['192.0.2.0/24', '10.0.0.0/8'] })),
  'loadBalancer.hostName': carriedOut(balancer({ hostName: 'other.example.com' }), {
    given: balancer({ hostName, hostedZone }),
  }),
  'loadBalancer.certificateArn': carriedOut(balancer({ hostName, certificateArn })),
  'loadBalancer.hostedZone.id': carriedOut(
    balancer({ hostedZone: { ...hostedZone, id: 'Z9876543210ABCDEFGHIJ' } }),
    { given: balancer({ hostName, hostedZone }) },
  ),
  'loadBalancer.hostedZone.name': carriedOut(balancer({ hostName, hostedZone })),
};

/** Keys that affect only the pipeline, and no stack of an environment. */
export const ofThePipeline: Readonly<Record<string, Change>> = {
  'source.type': (_, deployment) => {
    deployment.source = { type: 'codecommit', repository: 'service' };
    deployment.runbookUrl = 'https://example.com/runbook';
  },
  'images.failOnSeverity': (_, deployment) => {
    deployment.images = { ...deployment.images, failOnSeverity: 'LOW' };
  },
  'images.replication': (_, deployment) => {
    deployment.images = { ...deployment.images, replication: 'existing' };
  },
  'pipeline.notificationEmail': (_, deployment) => {
    deployment.pipeline = { notificationEmail: 'developers@example.com' };
  },
  'pipeline.artifactRetentionDays': (_, deployment) => {
    deployment.pipeline = { artifactRetentionDays: 90 };
  },
  'service.rollbackOnFailedTest': service({ rollbackOnFailedTest: false }),
  ...Object.fromEntries(
    ['beforeEnvironment', 'beforeDatabase', 'beforeService'].map((key): [string, Change] => [
      `approvals.${key}`,
      (environment) => {
        environment.approvals = { [key]: true };
      },
    ]),
  ),
};

/** Keys that identify a deployment or an environment: another value means a second one next to the old one. */
export const ofIdentity = ['name', 'account', 'region', 'tools.account', 'tools.region'];
/** The location of the source, and the list itself: covered by other keys of their sections, or by their items. */
export const elsewhere = [
  'source.connectionArn',
  'source.repository',
  'source.branch',
  'source.bucket',
  'source.key',
  'environments',
  // Only used by checks.
  'source.ownerAccount',
  'network.ownerAccount',
  'trusted.kdcs',
];
