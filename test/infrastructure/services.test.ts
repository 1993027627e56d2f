import { alarmingLines, serviceEnvironmentSchema } from '@packages/contracts';
import { describe, expect, test } from 'vitest';
import { ownVariables } from '../../lib/config/services.ts';
import { isAllowed, type Policy } from '../pipeline/iam/evaluate.ts';
import { exampleServices } from './example-deployment.ts';
import { exampleDeployment, synthesize } from './synthesize.ts';
import { all, list, objectsIn, resources, type SynthesizedTemplate } from './template.ts';

const alone = synthesize(exampleDeployment());
const three = synthesize(
  exampleDeployment((input) => {
    input.services = exampleServices;
  }),
);
const names = ['web', 'worker', 'job'] as const;
type Name = (typeof names)[number];
const others = (name: Name) => names.filter((other) => other !== name);

const stackOf = (name: Name, synthesis = three) => {
  const template = synthesis.templates.get(
    `windows-auth-production-service${name === 'web' ? '' : `-${name}`}`,
  );
  if (!template) throw new Error(`There is no stack of ${name}.`);
  return template;
};

describe('Other services', () => {
  test.each(['network', 'directory', 'database', 'service'] as const)(
    'do not change the stack %s',
    (part) => {
      expect(three.template('production', part)).toEqual(alone.template('production', part));
    },
  );

  test.each(['domain', 'database-contents'] as const)(
    'remove nothing from the stack %s and replace none of its resources',
    (part) => {
      const before = alone.template('production', part).Resources;
      const after = three.template('production', part).Resources;
      for (const [id, { Type }] of Object.entries(before)) {
        // Lambda permissions and versions are recreated with their targets; none of these is.
        expect(after[id]?.Type, id).toBe(Type);
      }
    },
  );

  test('each have their own user, secret, rotation and login', () => {
    const domain = three.template('production', 'domain');
    expect(all(domain, 'Custom::DirectoryUser').map(({ Username }) => Username)).toEqual([
      'db-user',
      'worker-user',
      'job-user',
    ]);
    const secrets = all(domain, 'Custom::DirectoryUser').map(({ SecretArn }) => JSON.stringify(SecretArn));
    expect(new Set(secrets).size).toBe(3);
    const schedules = all(domain, 'AWS::SecretsManager::RotationSchedule');
    expect(new Set(schedules.map(({ SecretId }) => JSON.stringify(SecretId)))).toEqual(new Set(secrets));
    expect(new Set(schedules.map(({ RotationRules }) => RotationRules.ScheduleExpression)).size).toBe(3);
    expect(new Set(schedules.map((schedule) => JSON.stringify(schedule.RotationLambdaARN))).size).toBe(1);
    const contents = three.template('production', 'database-contents');
    expect(all(contents, 'Custom::SqlLogin').map(({ Login, Roles }) => [Login, Roles])).toEqual([
      ['CORP\\worker-user', ['play_counter']],
      ['CORP\\job-user', ['report_reader']],
    ]);
  });

  test('have alarms for each alarming log line of a worker, and web for its own', () => {
    const linesOf = (name: Name) =>
      all(stackOf(name), 'AWS::Logs::MetricFilter').flatMap(({ FilterPattern }) =>
        [...String(FilterPattern).matchAll(/\$\.msg = "([^"]+)"/g)].map(([, line]) => line),
      );
    expect(linesOf('worker')).toEqual(Object.values(alarmingLines));
    expect(linesOf('web')).toEqual([alarmingLines.databaseUnreachable]);
  });

  test('get from the stack the variables that the configuration must not set', () => {
    const told = Object.keys(serviceEnvironmentSchema.shape);
    for (const name of ownVariables) expect(told).toContain(name);
    const { ContainerDefinitions } = all(stackOf('worker'), 'AWS::ECS::TaskDefinition')[0];
    const worker = ContainerDefinitions.find(({ Name }: { Name: string }) => Name === 'worker');
    const set = worker.Environment.map(({ Name }: { Name: string }) => Name);
    // With an existing SQL Server, web gets further variables.
    const elsewhere = ['TASK_NAME', 'SQL_TLS_CA', 'SQL_SPN', 'SQL_MULTI_SUBNET'];
    expect(set.filter((name: string) => name !== 'ROUND_SECONDS').sort()).toEqual(
      ownVariables.filter((name) => !elsewhere.includes(name)).sort(),
    );
  });

  /** @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html#connect-iam-ecs */
  test('a job may create only the event rule that Step Functions needs, by its fixed name', () => {
    const rules = [...objectsIn(stackOf('job'))].flatMap(({ Action, Resource }) =>
      [Action].flat().includes('events:PutRule') ? [Resource].flat() : [],
    );
    expect(rules.map((rule) => JSON.stringify(rule))).toEqual([
      expect.stringMatching(/:rule\/StepFunctionsGetEventsForECSTaskRule"/),
    ]);
  });

  test('a worker has a health check and no port, a job neither', () => {
    for (const [name, asked] of [
      ['worker', true],
      ['job', false],
    ] as const) {
      const { ContainerDefinitions } = all(stackOf(name), 'AWS::ECS::TaskDefinition')[0];
      const container = ContainerDefinitions.find(({ Name }: { Name: string }) => Name === name);
      expect(container.HealthCheck !== undefined).toBe(asked);
      expect(container.PortMappings ?? []).toEqual([]);
      expect(container.Essential).toBe(true);
    }
  });
});

describe('The doctor of another service', () => {
  const containersOf = (template: SynthesizedTemplate, family: RegExp) =>
    all(template, 'AWS::ECS::TaskDefinition').find(({ Family }) => family.test(Family)) ?? {};
  const named = (task: { ContainerDefinitions: { Name: string }[] }, name: string) =>
    task.ContainerDefinitions.find(({ Name }) => Name === name) as Record<string, unknown> | undefined;

  test.each(['worker', 'job'] as const)(
    'has exactly the secret, the roles and the permissions of %s',
    (name) => {
      const template = stackOf(name);
      const task = containersOf(template, new RegExp(`-${name}$`));
      const doctor = containersOf(template, new RegExp(`-${name}-doctor$`));
      const [container] = doctor.ContainerDefinitions;
      expect(container.Secrets).toEqual(named(task, 'sidecar')?.Secrets);
      expect(container.Image).toEqual(named(task, 'sidecar')?.Image);
      expect([doctor.TaskRoleArn, doctor.ExecutionRoleArn]).toEqual([
        task.TaskRoleArn,
        task.ExecutionRoleArn,
      ]);
      expect(container.Environment).toContainEqual({
        ...{ Name: 'SQL_ROLES', Value: name === 'worker' ? 'play_counter' : 'report_reader' },
      });
    },
  );

  test("gets the network of a job's tasks from the template, because ECS does not know it", () => {
    const template = stackOf('job');
    const [{ DockerLabels }] = containersOf(template, /-job-doctor$/).ContainerDefinitions;
    const [{ DefinitionString }] = all(template, 'AWS::StepFunctions::StateMachine');
    const definition = JSON.stringify(DefinitionString);
    const [, subnets] = DockerLabels.subnets['Fn::Join'];
    for (const subnet of subnets) expect(definition).toContain(JSON.stringify(subnet));
    const [own] = resources(template, 'AWS::EC2::SecurityGroup').map(([id]) => id);
    expect(JSON.stringify(DockerLabels['security-groups'])).toContain(`"${own}"`);
    expect(definition).toContain(`"${own}"`);
    const [worker] = containersOf(stackOf('worker'), /-worker-doctor$/).ContainerDefinitions;
    expect(worker.DockerLabels).toBeUndefined();
  });
});

/** A value as CloudFormation would resolve it. A value that an earlier stage publishes becomes its parameter's name. */
function resolved(value: unknown, template: SynthesizedTemplate): unknown {
  if (Array.isArray(value)) return value.map((item) => resolved(item, template));
  if (value === null || typeof value !== 'object') return value;
  const [[key = '', argument] = []] = Object.entries(value);
  if (key === 'Ref' && String(argument).startsWith('AWS::')) return 'aws';
  if (key === 'Ref' || key === 'Fn::GetAtt') {
    const id = String([argument].flat()[0]);
    const parameter = template.Parameters?.[id]?.Default;
    return parameter ? secretArn(parameter) : `arn:aws:any:eu-central-1:333333333333:thing/${id}`;
  }
  if (key === 'Fn::Join') return (resolved(argument[1], template) as string[]).join(argument[0]);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolved(item, template)]));
}

const secretArn = (parameter: string) =>
  `arn:aws:secretsmanager:eu-central-1:333333333333:secret:${parameter.replaceAll('/', '-')}-AbCdEf`;
const secretOf = (name: Name) =>
  secretArn(
    name === 'web'
      ? '/windows-auth/production/domain/user-secret-arn'
      : `/windows-auth/production/services/${name}/user-secret-arn`,
  );

/** The policies of each role of a stack. */
function rolesOf(template: SynthesizedTemplate): { id: string; identity: Policy[] }[] {
  return resources(template, 'AWS::IAM::Role').map(([id, { Properties }]) => ({
    id,
    identity: [
      ...list(Properties.Policies).map(({ PolicyDocument }) => PolicyDocument),
      ...all(template, 'AWS::IAM::Policy')
        .filter(({ Roles }) => JSON.stringify(Roles).includes(`"${id}"`))
        .map(({ PolicyDocument }) => PolicyDocument),
    ].map((policy) => resolved(policy, template) as Policy),
  }));
}

/** The roles of a stack that may make a call. */
async function may(template: SynthesizedTemplate, action: string, resource: string): Promise<string[]> {
  const principal = 'arn:aws:iam::333333333333:role/one';
  const judged = await Promise.all(
    rolesOf(template).map(async ({ id, identity }) =>
      (await isAllowed(
        // As if the repository's owner allowed everyone: only the role's own permissions matter.
        { principal, action, resource, region: 'eu-central-1', resourceAccount: '333333333333' },
        { identity },
      ))
        ? [id]
        : [],
    ),
  );
  return judged.flat();
}

describe.each(names)('The roles of %s', (name) => {
  test("include one that reads its own secret, and none that reads another service's", async () => {
    const template = stackOf(name);
    expect(await may(template, 'secretsmanager:GetSecretValue', secretOf(name))).toHaveLength(1);
    for (const other of others(name)) {
      expect(await may(template, 'secretsmanager:GetSecretValue', secretOf(other)), other).toEqual([]);
    }
  });

  test("pull only its own image and the sidecar's", async () => {
    const repository = (image: string) =>
      `arn:aws:ecr:eu-central-1:111111111111:repository/windows-auth/${image}`;
    const template = stackOf(name);
    for (const image of [name, 'sidecar']) {
      expect(await may(template, 'ecr:BatchGetImage', repository(image))).toHaveLength(1);
    }
    for (const other of others(name)) {
      expect(await may(template, 'ecr:BatchGetImage', repository(other)), other).toEqual([]);
    }
  });

  test('cannot start or stop tasks of another service', async () => {
    const cluster = 'windows-auth-production';
    for (const other of others(name)) {
      const service = `arn:aws:ecs:eu-central-1:333333333333:service/${cluster}/${cluster}-${other}`;
      const family = `arn:aws:ecs:eu-central-1:333333333333:task-definition/${cluster}-${other}:1`;
      expect(await may(stackOf(name), 'ecs:UpdateService', service)).toEqual([]);
      expect(await may(stackOf(name), 'ecs:RunTask', family)).toEqual([]);
    }
  });
});

describe('The security groups of a service', () => {
  test.each(names)('admit no other service: %s', (name) => {
    const template = stackOf(name);
    const own = resources(template, 'AWS::EC2::SecurityGroup').map(([id]) => id);
    for (const { SourceSecurityGroupId, GroupId } of all(template, 'AWS::EC2::SecurityGroupIngress')) {
      // From groups of its own stack, into groups of its own stack or the group of SQL Server.
      expect(own).toContain(SourceSecurityGroupId['Fn::GetAtt'][0]);
      const into = GroupId['Fn::GetAtt']?.[0] ?? template.Parameters?.[GroupId.Ref]?.Default;
      expect([...own, '/windows-auth/production/database/security-group-id']).toContain(into);
    }
    if (name !== 'web') {
      for (const { SecurityGroupIngress = [] } of all(template, 'AWS::EC2::SecurityGroup'))
        expect(SecurityGroupIngress).toEqual([]);
    }
  });
});

describe('Access from one service to another is found', () => {
  const mutated = (name: Name, from: string, to: string): SynthesizedTemplate => {
    const text = JSON.stringify(stackOf(name));
    expect(text).toContain(from);
    return JSON.parse(text.replaceAll(from, to));
  };

  test("a task with another's secret", async () => {
    const wrong = mutated('worker', 'production/services/worker/user', 'production/services/job/user');
    expect(await may(wrong, 'secretsmanager:GetSecretValue', secretOf('job'))).toHaveLength(1);
  });

  test('a role that may read every secret', async () => {
    const wrong = mutated('job', '"ecr:GetAuthorizationToken"', '"secretsmanager:GetSecretValue"');
    expect(await may(wrong, 'secretsmanager:GetSecretValue', secretOf('web'))).toHaveLength(1);
  });

  test("a rotation that restarts another's tasks", async () => {
    const wrong = mutated('worker', 'windows-auth-production-worker', 'windows-auth-production-web');
    const service =
      'arn:aws:ecs:eu-central-1:333333333333:service/windows-auth-production/windows-auth-production-web';
    expect(await may(wrong, 'ecs:UpdateService', service)).toHaveLength(1);
  });
});
