import { describe, expect, test } from 'vitest';
import { exampleServices, existingDatabase } from './example-deployment.ts';
import { exampleDeployment, synthesize } from './synthesize.ts';
import { all, list, objectsIn, only, type SynthesizedTemplate } from './template.ts';
import { networkThere, secretOf } from './updates/estate.ts';

const kmsKeyArn = 'arn:aws:kms:eu-central-1:444444444444:key/01234567-89ab-cdef-0123-456789abcdef';
const secretOfJob = secretOf('job', '444444444444');
const home = (name: string) => secretOf(name, '333333333333');

/**
 * In staging, nothing is created: web's user is rotated by its owners, the worker's by itself, and the job's is in
 * another account. In production, web's user exists already, and the worker's is created; SQL Server has an
 * administrator.
 */
const deployment = exampleDeployment((input) => {
  input.services = structuredClone(exampleServices);
  const [staging, production] = input.environments;
  if (!staging || !production) throw new Error('The example has two environments.');
  staging.network = { ...networkThere, endpoints: 'all' };
  staging.directory = { type: 'self-managed', dnsAddresses: ['10.20.1.10'] };
  staging.user = { secretArn: secretOf('web') };
  staging.database = existingDatabase;
  staging.services = {
    worker: {
      user: { name: 'SvcWorker', secretArn: secretOf('worker'), rotation: 'own-password', rotationDays: 9 },
    },
    job: { user: { secretArn: secretOfJob, kmsKeyArn }, credentialMode: 'fetched' },
  };
  production.user = { secretArn: home('web'), rotation: 'own-password' };
  production.database = {
    ...existingDatabase,
    provisioning: {
      administratorSecretArn: home('sa'),
      kmsKeyArn: kmsKeyArn.replaceAll('444444444444', '333333333333'),
    },
  };
  production.services = { job: { user: { secretArn: home('job') } } };
});
const { template, templates } = synthesize(deployment);

function stackOf(environment: string, service: string): SynthesizedTemplate {
  const found = templates.get(`windows-auth-${environment}-service-${service}`);
  if (!found) throw new Error(`There is no stack of ${service} in ${environment}.`);
  return found;
}
const published = (environment: string) =>
  Object.fromEntries(
    all(template(environment, 'domain'), 'AWS::SSM::Parameter').map(({ Name, Value }) => [
      String(Name).replace(`/windows-auth/${environment}/`, ''),
      Value,
    ]),
  );
const decrypts = (of: SynthesizedTemplate) =>
  [...objectsIn(of)].filter(
    ({ Effect, Action }) => Effect === 'Allow' && list(Action).includes('kms:Decrypt'),
  );
const alarmNames = (environment: string) =>
  [...templates]
    .filter(([name]) => name.startsWith(`windows-auth-${environment}-`))
    .flatMap(([, of]) => all(of, 'AWS::CloudWatch::Alarm').map(({ AlarmName }) => String(AlarmName)));

describe('Existing users of other services', () => {
  test('are not created, and their stacks get the ARNs of their secrets', () => {
    const domain = template('staging', 'domain');
    expect(all(domain, 'Custom::DirectoryUser')).toEqual([]);
    expect(all(domain, 'AWS::SecretsManager::Secret')).toEqual([]);
    expect(JSON.stringify(domain)).not.toMatch(/ds:ResetUserPassword|ds-data:/);
    expect(published('staging')).toEqual({
      'domain/user-secret-arn': secretOf('web'),
      'services/worker/user-secret-arn': secretOf('worker'),
      'services/job/user-secret-arn': secretOfJob,
    });
  });

  test('can be combined with a created one; our function sets only the password of that one', () => {
    const domain = template('production', 'domain');
    expect(only(domain, 'Custom::DirectoryUser')).toMatchObject({ Username: 'worker-user' });
    expect(published('production')).toMatchObject({
      'domain/user-secret-arn': home('web'),
      'domain/rotation-function': expect.anything(),
      'services/job/user-secret-arn': home('job'),
    });
    const functions = all(domain, 'AWS::Lambda::Function').map(({ Environment }) => Environment?.Variables);
    const [{ USER_SECRETS }] = functions.filter((variables) => variables?.USER_SECRETS);
    expect(JSON.stringify(USER_SECRETS)).toMatch(/worker-user=/);
    expect(JSON.stringify(USER_SECRETS)).not.toMatch(/svc|job|web/);
  });

  test('change their own passwords if so configured, with a function and a schedule for each', () => {
    const schedules = (environment: string) =>
      all(template(environment, 'domain'), 'AWS::SecretsManager::RotationSchedule').map(
        ({ SecretId, RotationRules }) => [SecretId, RotationRules.ScheduleExpression],
      );
    expect(schedules('staging')).toEqual([[secretOf('worker'), 'rate(9 days)']]);
    expect(schedules('production')).toEqual([
      [home('web'), 'rate(30 days)'],
      [expect.anything(), 'rate(29 days)'],
    ]);
    const own = (environment: string) =>
      all(template(environment, 'domain'), 'AWS::Lambda::Function')
        .map(({ Environment }) => Environment?.Variables?.OWN_SECRET_ARN)
        .filter((arn) => arn !== undefined);
    expect(own('staging')).toEqual([secretOf('worker')]);
    expect(own('production')).toEqual([home('web')]);
  });

  test('have alarms with different names, and the dashboards show exactly these', () => {
    for (const environment of ['staging', 'production']) {
      const names = alarmNames(environment);
      expect(new Set(names).size).toBe(names.length);
      const shown = [...templates]
        .filter(([name]) => name.startsWith(`windows-auth-${environment}-service`))
        .flatMap(([, of]) => all(of, 'AWS::CloudWatch::Dashboard'))
        .flatMap(({ DashboardBody }) => [
          ...JSON.stringify(DashboardBody).matchAll(/:alarm:(windows-auth-[a-z-]+)/g),
        ])
        .map(([, name]) => name);
      expect(names.filter((name) => /password-not-rotated|-not-provisioned/.test(name)).sort()).toEqual(
        [...new Set(shown)].filter((name) => /password-not-rotated|-not-provisioned/.test(name ?? '')).sort(),
      );
    }
    expect(alarmNames('production').filter((name) => /password-not-rotated/.test(name))).toEqual([
      'windows-auth-production-web-password-not-rotated',
      'windows-auth-production-password-not-rotated',
    ]);
    expect(alarmNames('staging').filter((name) => /password-not-rotated/.test(name))).toEqual([
      'windows-auth-staging-worker-password-not-rotated',
    ]);
  });

  test('cause new tasks with a new password only if our function sets it', () => {
    const redeploys = (environment: string, service: string) =>
      /redeployment-fails/.test(JSON.stringify(stackOf(environment, service)));
    expect(redeploys('staging', 'worker')).toBe(true);
    expect(redeploys('production', 'worker')).toBe(true);
    const none = exampleDeployment((input) => {
      input.services = { worker: { kind: 'worker' } };
      const [staging] = input.environments;
      if (staging) staging.services = { worker: { user: { secretArn: secretOf('worker') } } };
    });
    const worker = synthesize(none).templates.get('windows-auth-staging-service-worker');
    expect(JSON.stringify(worker)).not.toMatch(/redeployment-fails/);
  });

  test('have a doctor that signs in as the same user', () => {
    for (const [environment, service] of [
      ['staging', 'worker'],
      ['production', 'job'],
    ] as const) {
      const tasks = all(stackOf(environment, service), 'AWS::ECS::TaskDefinition');
      const secretsOf = (family: RegExp, name: string) =>
        tasks
          .filter(({ Family }) => family.test(Family))
          .flatMap(({ ContainerDefinitions }) => ContainerDefinitions)
          .find(({ Name }) => Name === name)?.Secrets;
      const ofSidecar = secretsOf(new RegExp(`-${service}$`), 'sidecar');
      expect(ofSidecar).toHaveLength(1);
      expect(
        secretsOf(
          /-doctor$/,
          tasks.find(({ Family }) => /-doctor$/.test(Family))?.ContainerDefinitions[0].Name,
        ),
      ).toEqual(ofSidecar);
      // The service's own container has no secret.
      expect(secretsOf(new RegExp(`-${service}$`), service)).toBeUndefined();
    }
  });

  test('have the names from their secrets in their tasks and in SQL Server', () => {
    const labelOf = (service: string) =>
      all(stackOf('staging', service), 'AWS::ECS::TaskDefinition')
        .flatMap(({ ContainerDefinitions }) => ContainerDefinitions)
        .flatMap(({ DockerLabels }) => DockerLabels?.['directory-user'] ?? []);
    expect(labelOf('worker')).toContain('SvcWorker');
    expect(labelOf('job')).toContain('job-user');
  });

  test('with secrets in another account under a separate key: only the role that reads the secret may decrypt it', () => {
    const job = stackOf('staging', 'job');
    expect(decrypts(job)).toEqual([
      {
        Action: 'kms:Decrypt',
        Effect: 'Allow',
        Resource: kmsKeyArn,
        Condition: { StringEquals: { 'kms:ViaService': 'secretsmanager.eu-central-1.amazonaws.com' } },
      },
    ]);
    expect(decrypts(stackOf('staging', 'worker'))).toEqual([]);
  });

  test('and the endpoint policy of the network permits such a secret', () => {
    const own = exampleDeployment((input) => {
      input.services = { job: { kind: 'job', schedule: 'rate(1 day)' } };
      const [staging] = input.environments;
      if (staging) staging.services = { job: { user: { secretArn: secretOfJob, kmsKeyArn } } };
    });
    const endpoints = all(synthesize(own).template('staging', 'network'), 'AWS::EC2::VPCEndpoint');
    const ofOthers = endpoints.flatMap(({ PolicyDocument }) =>
      (PolicyDocument?.Statement ?? []).filter(({ Sid }: { Sid?: string }) => Sid === 'SecretsOfOthers'),
    );
    expect(ofOthers.map(({ Resource }) => list(Resource))).toEqual([[secretOfJob]]);
  });
});

describe('Logins of other services in an existing database', () => {
  test('are created with its administrator, with the TLS certificates of its owners', () => {
    const contents = template('production', 'database-contents');
    const database = only(contents, 'Custom::SqlDatabase');
    const logins = all(contents, 'Custom::SqlLogin');
    expect(logins.map(({ Login, Roles }) => [Login, Roles])).toEqual([
      ['CORP\\worker-user', ['play_counter']],
      ['CORP\\job-user', ['report_reader']],
    ]);
    for (const login of logins) {
      expect(login).toMatchObject({ Existing: 'true', AdminSecretArn: home('sa') });
      expect([login.TlsName, login.Authorities]).toEqual([database.TlsName, database.Authorities]);
    }
    const roles = all(contents, 'AWS::IAM::Role').filter((role) =>
      JSON.stringify(role).includes('secretsmanager:GetSecretValue'),
    );
    expect(roles).toHaveLength(3);
    for (const role of roles) expect(JSON.stringify(role)).toContain('kms:Decrypt');
  });

  test("are left to the DBA if there is no administrator's secret, and nothing creates them", () => {
    expect(templates.has('windows-auth-staging-database-contents')).toBe(false);
  });
});
