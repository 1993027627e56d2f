import type { DeploymentInput } from '../../../lib/config/index.ts';

export type EnvironmentInput = DeploymentInput['environments'][number];
export type Change = (environment: EnvironmentInput, deployment: DeploymentInput) => void;

/** What becomes of an environment when one key of the configuration changes. */
export interface Answer {
  /** A valid other value; what it needs beside it is set in both configurations by `given`. */
  readonly change: Change;
  readonly given?: Change;
  /** What the change means: the deployment carries it out, or it is refused before it begins. */
  readonly outcome: 'carried out' | 'refused';
  /** The same from the new value back to the old one; default: as `outcome`. */
  readonly back?: 'carried out' | 'refused';
  /** Whether tasks read it, and so are replaced. */
  readonly tasks?: boolean;
  /** Kinds of what holds data or identity of which another one is made, while the old one stays beside it. */
  readonly beside?: readonly string[];
}

const certificateArn = 'arn:aws:acm:eu-central-1:333333333333:certificate/one';
const hostedZone = { id: 'Z0123456789ABCDEFGHIJ', name: 'example.com' };
const hostName = 'music.example.com';

const carriedOut = (change: Change, more: Partial<Answer> = {}): Answer => ({
  change,
  outcome: 'carried out',
  ...more,
});
const refused = (change: Change, more: Partial<Answer> = {}): Answer => ({
  change,
  outcome: 'refused',
  ...more,
});
const network =
  (values: EnvironmentInput['network']): Change =>
  (environment) => {
    environment.network = { ...environment.network, ...values };
  };
const database =
  (values: EnvironmentInput['database']): Change =>
  (environment) => {
    environment.database = { ...environment.database, ...values };
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

const script = { url: 'https://scripts.s3.eu-central-1.amazonaws.com/all.sql', sha256: '0'.repeat(64) };

/** One answer for each key that reaches the stacks of an environment. */
export const answers: Readonly<Record<string, Answer>> = {
  'domain.name': refused((_, { domain }) => {
    domain.name = 'other.example.com';
  }),
  'domain.netbiosName': refused((_, { domain }) => {
    domain.netbiosName = 'OTHER';
  }),
  'domain.user': carriedOut(
    (_, { domain }) => {
      domain.user = 'other-user';
    },
    {
      tasks: true,
      beside: ['AWS::SecretsManager::Secret', 'Custom::DirectoryUser', 'Custom::SqlDatabase'],
    },
  ),
  'domain.adoptUser': carriedOut((_, { domain }) => {
    domain.adoptUser = true;
  }),
  // Once the accounts have its bootstrap; files and roles are those of the other one from then on.
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
  'database.identifier': refused(database({ identifier: 'other' })),
  'database.name': carriedOut(database({ name: 'Other' }), { tasks: true }),
  'database.edition': refused(database({ edition: 'enterprise' })),
  'database.instanceType': carriedOut(database({ instanceType: 'm6i.2xlarge' })),
  'database.storageGiB': carriedOut(database({ storageGiB: 200 }), { back: 'refused' }),
  'database.maximumStorageGiB': carriedOut(database({ maximumStorageGiB: 900 })),
  'database.multiAz': carriedOut(database({ multiAz: false })),
  'database.backupRetentionDays': carriedOut(database({ backupRetentionDays: 7 })),
  'database.userRoles': carriedOut(database({ userRoles: ['db_datawriter'] })),
  'database.script.url': carriedOut(
    database({ script: { ...script, url: script.url.replace('all', 'other') } }),
    { given: database({ script }) },
  ),
  'database.script.sha256': carriedOut(database({ script }), {}),
  'service.cpu': carriedOut(service({ cpu: 1024, memoryMiB: 2048 }), { tasks: true }),
  'service.memoryMiB': carriedOut(service({ memoryMiB: 2048 }), { tasks: true }),
  'service.minimumTasks': carriedOut(service({ minimumTasks: 4 })),
  // Their number says over how many seconds new tasks spread their first sign-in.
  'service.maximumTasks': carriedOut(service({ maximumTasks: 20 }), { tasks: true }),
  'service.credentialMode': carriedOut(service({ credentialMode: 'fetched' }), { tasks: true }),
  'service.ticketMode': carriedOut(service({ ticketMode: 'tgt' }), { tasks: true }),
  'service.deployment': carriedOut(service({ deployment: 'blue-green' })),
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

/** Keys that reach the pipeline alone, and no stack of an environment. */
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

/** Keys that say which deployment and which environment it is: another value is another one, beside the old one. */
export const ofIdentity = ['name', 'account', 'region', 'tools.account', 'tools.region'];
/** Where the source is, and the list itself: told apart by their sections' other keys, or by their items. */
export const elsewhere = [
  'source.connectionArn',
  'source.repository',
  'source.branch',
  'source.bucket',
  'source.key',
  'environments',
];
