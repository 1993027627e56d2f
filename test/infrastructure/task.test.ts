import { containerNames } from '@packages/contracts';
import { describe, expect, test } from 'vitest';
import { exampleDeployment, fullDeployment, synthesize } from './synthesize.ts';
import { all, list, resources, type SynthesizedTemplate, taskWith } from './template.ts';

const synthesis = synthesize(exampleDeployment());
const injected = synthesis.template('production', 'service');
const fetched = synthesize(fullDeployment()).template('staging', 'service');

interface Named {
  readonly Name: string;
}
const containerOf = (template: SynthesizedTemplate, name: string) =>
  taskWith(template, name).ContainerDefinitions.find(({ Name }: Named) => Name === name);
const environmentOf = (template: SynthesizedTemplate, name: string): Record<string, unknown> =>
  Object.fromEntries(
    containerOf(template, name).Environment.map(({ Name, Value }: Named & { Value: unknown }) => [
      Name,
      Value,
    ]),
  );

/** The statements in all policies of the task role, which every container of the task can use. */
function taskRoleStatements(template: SynthesizedTemplate) {
  const roleId = taskWith(template, 'web').TaskRoleArn['Fn::GetAtt'][0];
  const policies = resources(template, 'AWS::IAM::Policy')
    .filter(([, { Properties }]) => JSON.stringify(Properties.Roles).includes(roleId))
    .map(([, { Properties }]) => Properties.PolicyDocument);
  const role = template.Resources[roleId]?.Properties;
  expect(role.ManagedPolicyArns).toBeUndefined();
  expect(role.Policies).toBeUndefined();
  return policies.flatMap(({ Statement }) => Statement);
}

describe('The containers', () => {
  test.each(containerNames)('%s runs without root, capabilities or a writable root file system', (name) => {
    const container = containerOf(injected, name);
    expect(container.User).toMatch(/^[1-9]\d*:1002$/);
    expect(container.ReadonlyRootFilesystem).toBe(true);
    expect(container.Privileged).toBeUndefined();
    expect(container.LinuxParameters.Capabilities).toEqual({ Drop: ['ALL'] });
    expect(container.Memory).toBeGreaterThan(0);
    expect(container.HealthCheck.Command).toEqual(['CMD', 'node', 'health.mjs']);
    expect(container.LogConfiguration.Options).toMatchObject({ mode: 'non-blocking' });
  });

  test.each(containerNames)('%s is referenced by digest, in the registry of its own region', (name) => {
    const image = containerOf(injected, name).Image['Fn::Join'][1];
    expect(image[0]).toBe('111111111111.dkr.ecr.eu-central-1.');
    expect(image[2]).toMatch(new RegExp(`^/windows-auth/${name}@sha256:[0-9a-f]{64}$`));
  });

  test('run as separate users', () => {
    const users = containerNames.map((name) => containerOf(injected, name).User);
    expect(new Set(users).size).toBe(users.length);
  });
});

describe('The sidecar', () => {
  test('may exit and is restarted; web is essential', () => {
    expect(containerOf(injected, 'sidecar')).toMatchObject({
      Essential: false,
      RestartPolicy: { Enabled: true },
    });
    expect(containerOf(injected, 'web')).toMatchObject({ Essential: true });
  });

  test('must be healthy before web starts, and stops after it', () => {
    expect(containerOf(injected, 'web').DependsOn).toEqual([
      { ContainerName: 'sidecar', Condition: 'HEALTHY' },
    ]);
  });

  test('writes to the shared folder, which web only reads, and to a private one', () => {
    const mountsOf = (name: string) => containerOf(injected, name).MountPoints;
    expect(mountsOf('sidecar')).toEqual([
      { SourceVolume: 'shared', ContainerPath: '/var/scratch', ReadOnly: false },
      { SourceVolume: 'sidecar-private', ContainerPath: '/run/ticket-sidecar', ReadOnly: false },
    ]);
    expect(mountsOf('web')).toEqual([
      { SourceVolume: 'shared', ContainerPath: '/var/scratch', ReadOnly: true },
    ]);
    expect(environmentOf(injected, 'sidecar')).toMatchObject({
      SHARED_DIRECTORY: '/var/scratch',
      PRIVATE_DIRECTORY: '/run/ticket-sidecar',
    });
  });

  // Five refusals lock an account by default, and each task may cause one.
  test.each([
    [4, '0'],
    [5, '5'],
    [200, '30'],
  ])(
    'waits before its first sign-in if there may be %i tasks: at most %s seconds',
    (maximumTasks, seconds) => {
      const deployment = exampleDeployment();
      for (const { service } of deployment.environments)
        Object.assign(service, { minimumTasks: 1, maximumTasks });
      const template = synthesize(deployment).template('production', 'service');
      expect(environmentOf(template, 'sidecar').SIGN_IN_SPREAD_SECONDS).toBe(seconds);
    },
  );

  test('requests a ticket for the server that web connects to, under its name in the directory', () => {
    const published = new Map(
      all(synthesis.template('production', 'database'), 'AWS::SSM::Parameter').map(({ Name, Value }) => [
        Name,
        Value,
      ]),
    );
    /** The values that the database stage has published, where the template reads them. */
    const deployed = (value: unknown) =>
      published.get(injected.Parameters?.[(value as { Ref: string }).Ref]?.Default ?? '');
    const { SQL_SERVER, SQL_PORT } = environmentOf(injected, 'web');
    const { SQL_SPN } = environmentOf(injected, 'sidecar');
    expect(deployed(SQL_SPN)).toBe(`MSSQLSvc/${deployed(SQL_SERVER)}:${deployed(SQL_PORT)}`);
    expect(deployed(SQL_SERVER)).toBe('music-db.corp.example.com');
  });
});

describe('The password', () => {
  test('is injected only into the sidecar; the task itself has no AWS permissions', () => {
    expect(containerOf(injected, 'sidecar').Secrets).toEqual([
      { Name: 'CREDENTIALS', ValueFrom: { Ref: expect.stringMatching(/usersecretarn/) } },
    ]);
    expect(containerOf(injected, 'web').Secrets).toBeUndefined();
    expect(taskRoleStatements(injected)).toEqual([]);
  });

  test('is read by the task in mode fetched: only that secret', () => {
    expect(containerOf(fetched, 'sidecar').Secrets).toBeUndefined();
    const secret = { Ref: expect.stringMatching(/usersecretarn/) };
    expect(environmentOf(fetched, 'sidecar').CREDENTIALS_SECRET_ARN).toEqual(secret);
    const statements = taskRoleStatements(fetched);
    expect(statements.flatMap(({ Action }) => list(Action))).toEqual(['secretsmanager:GetSecretValue']);
    for (const { Resource } of statements) expect(Resource).toEqual(secret);
  });

  test.each([
    ['injected', injected],
    ['fetched', fetched],
  ])('does not appear in the container definition of web (%s)', (_, template) => {
    expect(JSON.stringify(containerOf(template, 'web'))).not.toMatch(/secret|credential|password/i);
  });
});

describe('The doctor', () => {
  test.each([
    ['injected', injected],
    ['fetched', fetched],
  ])(
    'equals the sidecar except for its command, is alone in its task, and has no additional permissions (%s)',
    (_, template) => {
      const task = taskWith(template, 'doctor');
      const service = taskWith(template, 'web');
      const [doctor, ...others] = task.ContainerDefinitions;
      expect(others).toEqual([]);
      expect(task.TaskRoleArn).toEqual(service.TaskRoleArn);
      expect(task.ExecutionRoleArn).toEqual(service.ExecutionRoleArn);
      expect(task.RuntimePlatform).toEqual(service.RuntimePlatform);
      const sidecar = containerOf(template, 'sidecar');
      for (const same of ['Image', 'User', 'Secrets', 'LinuxParameters', 'ReadonlyRootFilesystem']) {
        expect(doctor[same]).toEqual(sidecar[same]);
      }
      expect(doctor.Command).toEqual(['doctor', '--json-lines']);
      expect(doctor.MountPoints).toBeUndefined();
      const told = environmentOf(template, 'doctor');
      expect(told).toMatchObject(environmentOf(template, 'sidecar'));
      const { SQL_SERVER, SQL_DATABASE, SQL_TLS_NAME } = environmentOf(template, 'web');
      expect(told).toMatchObject({ SQL_SERVER, SQL_DATABASE, SQL_TLS_NAME });
      expect(told.SQL_ROLES).toMatch(/^db_datareader/);
    },
  );

  test('writes to the log of the sidecars, where refusals are counted, without dropping lines', () => {
    const { Options } = containerOf(injected, 'doctor').LogConfiguration;
    const { Options: sidecar } = containerOf(injected, 'sidecar').LogConfiguration;
    expect(Options['awslogs-group']).toEqual(sidecar['awslogs-group']);
    expect(Options).toMatchObject({ mode: 'blocking', 'awslogs-stream-prefix': 'doctor' });
  });

  test("has the name that the operator's tool uses to start it", () => {
    expect(taskWith(injected, 'doctor').Family).toBe(`${taskWith(injected, 'web').Family}-doctor`);
  });
});
