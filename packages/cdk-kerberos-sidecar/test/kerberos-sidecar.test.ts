import { CfnParameter, Duration, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import {
  ContainerImage,
  CpuArchitecture,
  FargateTaskDefinition,
  FirelensLogRouterType,
  LogDriver,
  OperatingSystemFamily,
  type TaskDefinition,
} from 'aws-cdk-lib/aws-ecs';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, test } from 'vitest';
import { readConfiguration } from '../../../services/sidecar/src/configuration.ts';
import type { KerberosSidecarProps } from '../src/index.ts';
import {
  addApplication,
  containersOf,
  exampleSidecar,
  exampleStack,
  exampleTask,
  servedTask,
  userArn,
} from './example-task.ts';

const exampleImage = ContainerImage.fromRegistry('agent');

const variablesOf = (container: { Environment: { Name: string; Value: string }[] }) =>
  Object.fromEntries(container.Environment.map(({ Name, Value }) => [Name, Value]));

describe('The sidecar', () => {
  const { kerberos } = containersOf(servedTask().stack);

  test('does not run as root, has no capabilities, and can write only to its two volumes', () => {
    expect(kerberos).toMatchObject({
      User: '1001:1002',
      ReadonlyRootFilesystem: true,
      LinuxParameters: { Capabilities: { Drop: ['ALL'] } },
      MountPoints: [
        { SourceVolume: 'kerberos-published', ContainerPath: '/var/scratch', ReadOnly: false },
        { SourceVolume: 'kerberos-private', ContainerPath: '/run/ticket-sidecar', ReadOnly: false },
      ],
    });
  });

  test('may exit and is restarted without stopping the task', () => {
    expect(kerberos).toMatchObject({ Essential: false, RestartPolicy: { Enabled: true } });
  });

  test('is the only container that gets the secret, which the task role cannot read', () => {
    const { stack } = servedTask();
    expect(kerberos.Secrets).toEqual([{ Name: 'CREDENTIALS', ValueFrom: userArn }]);
    expect(containersOf(stack).web.Secrets).toBeUndefined();
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('ExecutionRole') }],
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Resource: userArn })]) },
    });
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Policy', 1);
  });

  test('that fetches the secret gets its ARN, and the task role may read it', () => {
    const { stack } = servedTask({ credentials: 'fetched' });
    const container = containersOf(stack).kerberos;
    expect(container.Secrets).toBeUndefined();
    expect(variablesOf(container).CREDENTIALS_SECRET_ARN).toBe(userArn);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('TaskRole') }],
      PolicyDocument: { Statement: [Match.objectLike({ Resource: userArn })] },
    });
  });

  test('logs without delaying renewals, and logs expire', () => {
    expect(kerberos.LogConfiguration.Options).toMatchObject({ mode: 'non-blocking' });
    Template.fromStack(servedTask().stack).hasResourceProperties('AWS::Logs::LogGroup', {
      RetentionInDays: 30,
    });
  });

  test('can have another name, size and log', () => {
    const { stack } = servedTask({
      containerName: 'tickets',
      memoryLimitMiB: 256,
      logging: LogDriver.awsLogs({ streamPrefix: 'here' }),
      signInSpread: Duration.seconds(5),
      environment: { LOG_LEVEL: 'debug' },
    });
    const { tickets, web } = containersOf(stack);
    expect(tickets).toMatchObject({ Memory: 256 });
    expect(tickets.LogConfiguration.Options['awslogs-stream-prefix']).toBe('here');
    expect(variablesOf(tickets)).toMatchObject({ LOG_LEVEL: 'debug', SIGN_IN_SPREAD_SECONDS: '5' });
    expect(web.MountPoints[0].SourceVolume).toBe('tickets-published');
  });
});

describe('A served container', () => {
  test('can read the ticket, gets its path, and starts once it exists', () => {
    const { web } = containersOf(servedTask().stack);
    expect(web.MountPoints).toEqual([
      { SourceVolume: 'kerberos-published', ContainerPath: '/var/scratch', ReadOnly: true },
    ]);
    expect(web.DependsOn).toEqual([{ ContainerName: 'kerberos', Condition: 'HEALTHY' }]);
    expect(variablesOf(web)).toEqual({
      KRB5_CONFIG: '/var/scratch/krb5.conf',
      KRB5CCNAME: 'FILE:/var/scratch/krbcache',
      TICKET_STATUS_FILE: '/var/scratch/ticket.json',
    });
  });

  test('can choose the mount path', () => {
    const { web } = containersOf(servedTask({}, { mountPath: '/ticket' }).stack);
    expect(web.MountPoints[0].ContainerPath).toBe('/ticket');
    expect(variablesOf(web).KRB5CCNAME).toBe('FILE:/ticket/krbcache');
  });

  test('is served once, even if serve is called repeatedly', () => {
    const { stack, task, kerberos, web } = servedTask();
    const once = JSON.stringify(containersOf(servedTask().stack));
    task.addExtension(kerberos);
    kerberos.serve(web);
    expect(JSON.stringify(containersOf(stack))).toBe(once);
  });

  test('remains the default container for traffic, not the sidecar', () => {
    const stack = exampleStack();
    const task = exampleTask(stack);
    const kerberos = exampleSidecar(stack);
    task.addExtension(kerberos);
    const web = addApplication(task);
    kerberos.serve(web);
    expect(task.defaultContainer).toBe(web);
  });
});

describe('Values', () => {
  type Values = Partial<Pick<KerberosSidecarProps, 'domain' | 'sqlServer'>>;
  const host = 'sql01.corp.example.com';
  const right: readonly (readonly [string, Values])[] = [
    ['a domain', { domain: 'corp.example.com' }],
    ['in capitals', { domain: 'CORP.EXAMPLE.COM', sqlServer: { host: 'SQL01.CORP.EXAMPLE.COM' } }],
    ['another port', { sqlServer: { host, port: 14330 } }],
    ['a named instance', { sqlServer: { host, port: 50100, spn: `MSSQLSvc/${host}:INST1` } }],
    ['a server without a port in its name', { sqlServer: { host, spn: `MSSQLSvc/${host}` } }],
    ['another realm', { sqlServer: { host, spn: `MSSQLSvc/${host}:1433@OTHER.EXAMPLE.COM` } }],
    ['a label with an underscore', { sqlServer: { host: 'sql_01.corp.example.com' } }],
  ];
  const wrong: readonly (readonly [string, Values, RegExp])[] = [
    ['a domain of one label', { domain: 'corp' }, /domain is "corp"/],
    ['an empty domain', { domain: '' }, /domain is ""/],
    ['a NetBIOS name', { domain: 'CORP\\' }, /domain is/],
    ['a dot at the end', { domain: 'corp.example.com.' }, /domain is/],
    ['a host without its domain', { sqlServer: { host: 'sql01' } }, /MSSQLSvc\/sql01:1433.*full name/],
    ['an instance in the host', { sqlServer: { host: `${host}\\INST1` } }, /full name/],
    ['a port in the host', { sqlServer: { host: `${host}:1433` } }, /sqlServer\.host/],
    ['another service', { sqlServer: { host, spn: `HTTP/${host}` } }, /sqlServer\.spn/],
    ['no service', { sqlServer: { host, spn: host } }, /sqlServer\.spn/],
  ];
  const environmentOf = (values: Values) => ({
    ...variablesOf(containersOf(servedTask(values).stack).kerberos),
    CREDENTIALS: '{"username":"db-user","password":"x"}',
  });

  test.each(right)('%s: the sidecar reads all its settings', (_, values) => {
    expect(() => readConfiguration(environmentOf(values))).not.toThrow();
  });

  test.each(wrong)('%s is reported before deployment', (_, values, message) => {
    expect(() => servedTask(values)).toThrow(message);
  });

  test.each(wrong)('%s would have stopped the sidecar', (_, { domain, sqlServer }) => {
    const told = environmentOf({});
    const spn = sqlServer && (sqlServer.spn ?? `MSSQLSvc/${sqlServer.host}:1433`);
    const environment = { ...told, ...(domain !== undefined && { DIRECTORY_DOMAIN: domain }) };
    expect(() => readConfiguration({ ...environment, ...(spn && { SQL_SPN: spn }) })).toThrow();
  });

  test('that are known only at deployment are accepted', () => {
    const stack = exampleStack();
    const task = exampleTask(stack);
    const domain = new CfnParameter(stack, 'Domain').valueAsString;
    const number = new CfnParameter(stack, 'Number', { type: 'Number' }).valueAsNumber;
    const text = new CfnParameter(stack, 'Text').valueAsString;
    const kerberos = exampleSidecar(stack, {
      ...{ domain, serviceName: text, metricsNamespace: text, memoryLimitMiB: number },
      sqlServer: { host: `sql01.${domain}`, port: number },
    });
    task.addExtension(kerberos);
    kerberos.serve(addApplication(task));
    expect(variablesOf(containersOf(stack).kerberos).DIRECTORY_DOMAIN).toEqual({ Ref: 'Domain' });
  });
});

describe('A secret', () => {
  const partial = userArn.slice(0, -'-AbCdEf'.length);
  test.each<readonly [string, (stack: Stack) => ISecret]>([
    ['by name', (stack) => Secret.fromSecretNameV2(stack, 'User', 'db-user')],
    ['by partial ARN', (stack) => Secret.fromSecretPartialArn(stack, 'User', partial)],
    ['by attributes', (stack) => Secret.fromSecretAttributes(stack, 'User', { secretPartialArn: partial })],
  ])('imported %s is refused', (_, secret) => {
    const stack = exampleStack();
    expect(() => exampleSidecar(stack, { user: secret(stack) })).toThrow(
      /complete ARN.*fromSecretCompleteArn/,
    );
  });

  const encrypted: readonly (readonly [string, (stack: Stack) => ISecret])[] = [
    [
      'of the stack',
      (stack) => new Secret(stack, 'User', { encryptionKey: new Key(stack, 'Key') }) as ISecret,
    ],
    [
      'imported',
      (stack) =>
        Secret.fromSecretAttributes(stack, 'User', {
          secretCompleteArn: userArn,
          encryptionKey: Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-central-1:111122223333:key/k'),
        }),
    ],
  ];
  const roles = { injected: 'ExecutionRole', fetched: 'TaskRole' } as const;
  test.each(
    encrypted.flatMap(([kind, secret]) =>
      (['injected', 'fetched'] as const).map((credentials) => [kind, credentials, secret] as const),
    ),
  )('that a key of its own encrypts (%s, %s) can be decrypted by who reads it', (_, credentials, secret) => {
    const stack = exampleStack();
    const task = exampleTask(stack);
    const kerberos = exampleSidecar(stack, { user: secret(stack), credentials });
    task.addExtension(kerberos);
    kerberos.serve(addApplication(task));
    const viaSecretsManager = { 'kms:ViaService': 'secretsmanager.eu-central-1.amazonaws.com' };
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp(roles[credentials]) }],
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: 'kms:Decrypt', Condition: { StringEquals: viaSecretsManager } }),
        ]),
      },
    });
  });
});

describe('What cannot work is reported with a remedy', () => {
  test('serve before addExtension', () => {
    const stack = exampleStack();
    const kerberos = exampleSidecar(stack);
    const web = addApplication(exampleTask(stack));
    expect(() => kerberos.serve(web)).toThrow(/no task yet.*addExtension/);
    expect(() => kerberos.container).toThrow(/no task yet/);
    expect(() => kerberos.metrics).toThrow(/no task yet/);
  });

  test('a container of another task, or the sidecar itself', () => {
    const { kerberos, stack } = servedTask();
    const other = addApplication(new FargateTaskDefinition(stack, 'Other'));
    expect(() => kerberos.serve(other)).toThrow(/Stack\/Other\/web is not another container of Stack\/Task/);
    expect(() => kerberos.serve(kerberos.container)).toThrow(/not another container/);
  });

  test('one sidecar for two tasks', () => {
    const { kerberos, stack } = servedTask();
    const other = new FargateTaskDefinition(stack, 'Other');
    expect(() => other.addExtension(kerberos)).toThrow(
      /already part of Stack\/Task.*another one for Stack\/Other/,
    );
  });

  test('two sidecars of the same name in a task; different names are accepted', () => {
    const { task, stack, web } = servedTask();
    const user = Secret.fromSecretCompleteArn(stack, 'Second', userArn);
    const again = exampleSidecar(stack, { user });
    expect(() => task.addExtension(again)).toThrow(/has a container kerberos already.*containerName/);
    const second = exampleSidecar(stack, { user, containerName: 'second', serviceName: 'second' });
    task.addExtension(second);
    expect(() => second.serve(web)).toThrow(/already has a mount at \/var\/scratch.*cannot be served twice/);
    second.serve(addApplication(task, 'report'));
    expect(containersOf(stack).report.DependsOn[0].ContainerName).toBe('second');
  });

  test.each([
    OperatingSystemFamily.WINDOWS_SERVER_2019_CORE,
    OperatingSystemFamily.WINDOWS_SERVER_2022_FULL,
    OperatingSystemFamily.of('WINDOWS_SERVER_2025_CORE'),
  ])('Windows', (operatingSystemFamily) => {
    const stack = exampleStack();
    const task = exampleTask(stack, {
      cpu: 1024,
      memoryLimitMiB: 2048,
      runtimePlatform: { operatingSystemFamily, cpuArchitecture: CpuArchitecture.X86_64 },
    });
    expect(() => task.addExtension(exampleSidecar(stack))).toThrow(/runs on Windows .*credential specs/);
  });

  test('an imported task definition', () => {
    const stack = exampleStack();
    const arn = 'arn:aws:ecs:eu-central-1:111122223333:task-definition/web:1';
    const imported = FargateTaskDefinition.fromFargateTaskDefinitionArn(stack, 'Imported', arn);
    expect(() => exampleSidecar(stack).extend(imported as TaskDefinition)).toThrow(
      /imported.*where the task definition is created/,
    );
  });

  test('no container is served', () => {
    const stack = exampleStack();
    const task = exampleTask(stack);
    task.addExtension(exampleSidecar(stack));
    addApplication(task);
    expect(() => containersOf(stack)).toThrow(/no container gets the ticket. Call serve/);
  });

  test('a container that was added later and not served', () => {
    const { task, stack, kerberos } = servedTask();
    const later = addApplication(task, 'later');
    expect(() => containersOf(stack)).toThrow(/container later gets no ticket. Call serve.*or leaveOut/);
    kerberos.leaveOut(later);
    expect(() => containersOf(stack)).not.toThrow();
  });

  test('but not helper containers', () => {
    const { task, stack } = servedTask();
    task.addFirelensLogRouter('log', {
      image: exampleImage,
      firelensConfig: { type: FirelensLogRouterType.FLUENTBIT },
    });
    task.addContainer('agent', { image: exampleImage, essential: false });
    expect(() => containersOf(stack)).not.toThrow();
  });

  test.each([
    ['1000', /runs as 1000.*"1000:1002"/],
    ['1000:1000', /runs as 1000:1000.*"1000:1002"/],
    ['nobody', /runs as nobody.*"nobody:1002"/],
    ['1002:0', /"1002:1002"/],
  ])('a served container runs as %s, which may not read the ticket', (user, message) => {
    const stack = exampleStack();
    const task = exampleTask(stack);
    const kerberos = exampleSidecar(stack);
    task.addExtension(kerberos);
    kerberos.serve(addApplication(task, 'web', { user }));
    expect(() => containersOf(stack)).toThrow(message);
  });

  test.each(['root', '0', '0:0', 'root:root', '1000:1002', '65532:1002'])('%s may read it', (user) => {
    const stack = exampleStack();
    const task = exampleTask(stack);
    const kerberos = exampleSidecar(stack);
    task.addExtension(kerberos);
    kerberos.serve(addApplication(task, 'web', { user }));
    expect(() => containersOf(stack)).not.toThrow();
  });
});
