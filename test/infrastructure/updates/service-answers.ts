import type { DeploymentInput } from '../../../lib/config/index.ts';
import { exampleServices, existingDatabase } from '../example-deployment.ts';
import { type Answer, type Change, carriedOut, refused } from './answer.ts';

const certificateArn = 'arn:aws:acm:eu-central-1:333333333333:certificate/one';
const hostedZone = { id: 'Z0123456789ABCDEFGHIJ', name: 'example.com' };

type WorkerUser = NonNullable<NonNullable<DeploymentInput['services']>[string]['user']>;

/** Adds the example's other services. */
const withServices: Change = (_, deployment) => {
  deployment.services = structuredClone(exampleServices);
};
/** A change of one of them, in a deployment that has them. */
const further = (name: 'worker' | 'job', values: object, more: Partial<Answer> = {}): Answer =>
  carriedOut(
    (_, { services }) => {
      if (services?.[name]) Object.assign(services[name], values);
    },
    { given: withServices, ...more },
  );
/** A service that receives requests in the given way. */
const reports = (way: object) => ({ kind: 'web' as const, ...way });
const byRoute = { healthPath: '/reports/healthz', route: { paths: ['/reports/*'] } };
const byOwn = (values: object = {}) => ({
  loadBalancer: {
    allowedClients: ['10.0.0.0/8'],
    hostName: 'reports.example.com',
    certificateArn,
    ...values,
  },
});
const withReports =
  (way: object): Change =>
  (environment, deployment) => {
    environment.network = { natGateways: 1 };
    deployment.services = { reports: reports(way) };
  };
/** A change of that service. */
const ofReports = (values: object, more: Partial<Answer> = {}, way: object = byRoute): Answer =>
  carriedOut(
    (_, deployment) => {
      deployment.services = { reports: reports({ ...way, ...values }) };
    },
    { given: withReports(way), ...more },
  );
/** A change of a service with its own load balancer. */
const ofBalancer = (values: object, given: object = {}): Answer =>
  ofReports(byOwn({ ...given, ...values }), {}, byOwn(given));
const imageOf = (digit: string) =>
  `444444444444.dkr.ecr.eu-central-1.amazonaws.com/team/reports@sha256:${digit.repeat(64)}`;
/** Resources of the old user that are retained, because running tasks need them. */
const madeAnew = ['AWS::SecretsManager::Secret', 'Custom::DirectoryUser', 'Custom::SqlLogin'];
/** Sets the user of the worker. */
const withUser =
  (user: WorkerUser): Change =>
  (environment, deployment) => {
    withServices(environment, deployment);
    if (deployment.services?.worker) deployment.services.worker.user = user;
  };
const webAs =
  (name: string): Change =>
  (environment, deployment) => {
    withServices(environment, deployment);
    environment.user = { name };
  };
const unprotected =
  (change: Change): Change =>
  (environment, deployment) => {
    change(environment, deployment);
    environment.deletionProtection = false;
  };
const secretOfUser = 'arn:aws:secretsmanager:eu-central-1:333333333333:secret:corp/svc-worker-AbCdEf';
const kmsKeyArn = 'arn:aws:kms:eu-central-1:333333333333:key/01234567-89ab-cdef-0123-456789abcdef';
const secretOfWorker = 'arn:aws:secretsmanager:eu-central-1:333333333333:secret:worker/api-key-AbCdEf';

/** One answer for each key of the other services. */
export const serviceAnswers: Readonly<Record<string, Answer>> = {
  'services.<name>.kind': carriedOut(
    (_, { services }) => {
      if (services) services.worker = { kind: 'job', schedule: 'rate(1 hour)', roles: ['play_counter'] };
    },
    { given: withServices, tasks: true },
  ),
  'services.<name>.kind, from worker to web': carriedOut(
    (_, deployment) => {
      deployment.services = { worker: reports(byRoute) };
    },
    {
      given: (_, deployment) => {
        deployment.services = { worker: { kind: 'worker' } };
      },
      tasks: true,
    },
  ),
  'services.<name>.route.paths to a load balancer of its own': carriedOut(
    (_, deployment) => {
      deployment.services = { reports: reports(byOwn()) };
    },
    { given: withReports(byRoute) },
  ),
  'services.<name>.user': further('worker', { user: 'another' }, { tasks: true, beside: madeAnew }),
  'services.<name>.user, from web to the worker': refused(
    (environment, { services }) => {
      environment.user = { name: 'another' };
      if (services?.worker) services.worker.user = 'svc-web';
    },
    { given: webAs('svc-web'), refusal: 'svc-web belongs to another service in the deployed stacks' },
  ),
  'services.<name>.user, from one service to another that takes its place': refused(
    (_, { services }) => {
      if (services) services.counter = { ...services.worker, kind: 'worker', user: 'svc-counts' };
      delete services?.worker;
    },
    {
      given: withUser('svc-counts'),
      refusal: 'svc-counts belongs to another service in the deployed stacks',
    },
  ),
  'services.<name>.user, from one service to another, both given': refused(
    (environment, { services }) => {
      environment.user = { name: 'SvcTwo', secretArn: secretOfUser };
      if (services?.worker) {
        services.worker.user = { name: 'SvcOne', secretArn: secretOfUser.replace('svc', 'other') };
      }
    },
    {
      given: (environment, deployment) => {
        withUser({ name: 'SvcTwo', secretArn: secretOfUser })(environment, deployment);
        environment.user = { name: 'SvcOne', secretArn: secretOfUser.replace('svc', 'other') };
      },
      refusal: 'SvcTwo belongs to another service in the deployed stacks',
    },
  ),
  'services.<name>.user, from one service to another, its secret rotated': refused(
    (environment, { services }) => {
      environment.user = { secretArn: secretOfUser, rotation: 'own-password' };
      if (services?.worker)
        services.worker.user = { name: 'other', secretArn: secretOfUser.replace('svc', 'o') };
    },
    {
      given: (environment, deployment) => {
        withUser({ secretArn: secretOfUser, rotation: 'own-password' })(environment, deployment);
        environment.database = existingDatabase;
      },
      refusal: `${secretOfUser} belongs to another service in the deployed stacks`,
    },
  ),
  'services.<name>.user.name': further(
    'worker',
    { user: { name: 'another' } },
    { tasks: true, beside: madeAnew },
  ),
  'services.<name>.user.adopt': further('worker', { user: { adopt: true } }),
  'services.<name>.user.rotationDays': further('worker', { user: { rotationDays: 7 } }),
  'services.<name>.user.secretArn': further(
    'worker',
    { user: { name: 'SvcWorker', secretArn: secretOfUser } },
    { tasks: true, beside: madeAnew },
  ),
  'services.<name>.user.secretArn, from a user that was made under its name': further(
    'worker',
    { user: { secretArn: secretOfUser } },
    { tasks: true, beside: madeAnew },
  ),
  'services.<name>.user.secretArn, from a user that nothing protects': further(
    'worker',
    { user: { name: 'svc-counts', secretArn: secretOfUser } },
    {
      given: unprotected(withUser('svc-counts')),
      outcome: 'refused',
      refusal: 'svc-counts was created by a delivery, and the configuration now gives its secret',
      // Taking over an existing user requires the separate option `adopt`.
      back: 'carried out',
      tasks: true,
      beside: ['AWS::SecretsManager::Secret', 'Custom::SqlLogin'],
    },
  ),
  'services.<name>.user.secretArn, from web to web and others': carriedOut(
    (environment, { services }) => {
      environment.user = { secretArn: secretOfUser, rotation: 'own-password' };
      if (services?.worker) services.worker.user = { secretArn: secretOfUser.replace('svc', 'other') };
    },
    { given: withServices, tasks: true, beside: [...madeAnew, 'Custom::SqlDatabase'] },
  ),
  'services.<name>.user.rotation': further(
    'worker',
    { user: { secretArn: secretOfUser, rotation: 'own-password' } },
    { given: withUser({ secretArn: secretOfUser }), beside: ['AWS::SecretsManager::RotationSchedule'] },
  ),
  'services.<name>.user.rotation, from a user that was made': further(
    'worker',
    { user: { secretArn: secretOfUser, rotation: 'own-password' } },
    { tasks: true, beside: madeAnew },
  ),
  'services.<name>.user.kmsKeyArn': further(
    'worker',
    { user: { secretArn: secretOfUser, kmsKeyArn } },
    { given: withUser({ secretArn: secretOfUser }) },
  ),
  'services.<name>.roles': further('job', { roles: ['report_reader', 'db_datareader'] }),
  'services.<name>.cpu': further('worker', { cpu: 1024, memoryMiB: 2048 }, { tasks: true }),
  'services.<name>.memoryMiB': further('job', { memoryMiB: 1024 }, { tasks: true }),
  'services.<name>.credentialMode': further('worker', { credentialMode: 'fetched' }, { tasks: true }),
  'services.<name>.ticketMode': further('worker', { ticketMode: 'tgt' }, { tasks: true }),
  'services.<name>.variables': further('worker', { variables: { ROUND_SECONDS: '5' } }, { tasks: true }),
  'services.<name>.secrets': further('worker', { secrets: { API_KEY: secretOfWorker } }, { tasks: true }),
  'services.<name>.tasks': further('worker', { tasks: 3 }),
  'services.<name>.schedule': further('job', { schedule: 'rate(1 day)' }),
  'services.<name>.timeZone': further('job', { timeZone: 'America/New_York' }),
  'services.<name>.retries': further('job', { retries: 0 }),
  'services.<name>.timeoutMinutes': further('job', { timeoutMinutes: 5 }),
  'services.<name>.image.uri': ofReports(
    { image: { uri: imageOf('b') } },
    { tasks: true },
    { ...byRoute, image: { uri: imageOf('a') } },
  ),
  'services.<name>.port': ofReports({ port: 9000 }, { tasks: true }),
  'services.<name>.healthPath': ofReports({ healthPath: '/reports/ready' }),
  'services.<name>.minimumTasks': ofReports({ minimumTasks: 3 }),
  'services.<name>.maximumTasks': ofReports({ maximumTasks: 20 }, { tasks: true }),
  'services.<name>.route.hosts': ofReports({ route: { hosts: ['reports.example.com'] } }),
  'services.<name>.route.paths': ofReports({ route: { paths: ['/reports/*', '/tables/*'] } }),
  'services.<name>.loadBalancer.scheme': ofBalancer({ scheme: 'internet-facing' }),
  'services.<name>.loadBalancer.allowedClients': ofBalancer({ allowedClients: ['192.0.2.0/24'] }),
  'services.<name>.loadBalancer.hostName': ofBalancer({ hostName: 'tables.example.com' }),
  'services.<name>.loadBalancer.certificateArn': ofBalancer({
    certificateArn: certificateArn.replace('one', 'two'),
  }),
  'services.<name>.loadBalancer.hostedZone.id': ofBalancer(
    { hostedZone: { ...hostedZone, id: 'Z9876543210ABCDEFGHIJ' } },
    { hostedZone },
  ),
  'services.<name>.loadBalancer.hostedZone.name': ofBalancer({ hostedZone }),
};
