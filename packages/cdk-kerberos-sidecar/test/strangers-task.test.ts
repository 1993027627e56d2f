import { App, NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  Capability,
  Compatibility,
  ContainerDefinition,
  ContainerImage,
  Secret as ContainerSecret,
  type FargateTaskDefinition,
  LinuxParameters,
  NetworkMode,
  TaskDefinition,
} from 'aws-cdk-lib/aws-ecs';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import {
  addApplication,
  containersOf,
  exampleSidecar,
  exampleStack,
  exampleTask,
  servedTask,
  userArn,
} from './example-task.ts';

const image = ContainerImage.fromRegistry('agent');
const synthesized = (change: (served: ReturnType<typeof servedTask>) => void) => () => {
  const served = servedTask();
  change(served);
  containersOf(served.stack);
};
const mount = (
  container: ContainerDefinition,
  sourceVolume: string,
  containerPath: string,
  readOnly: boolean,
) => container.addMountPoints({ sourceVolume, containerPath, readOnly });

describe('Later changes to a task definition that ECS would refuse or that would break or expose the ticket', () => {
  test.each<readonly [string, (served: ReturnType<typeof servedTask>) => void, RegExp]>([
    [
      'a container of the sidecar’s name',
      ({ task }) => addAgent(task, 'kerberos'),
      /another container of the task is called kerberos/,
    ],
    [
      'a volume of its name',
      ({ task }) => task.addVolume({ name: 'kerberos-published' }),
      /two volumes .*kerberos-published/,
    ],
    [
      'something mounted over the ticket',
      ({ task, web }) => {
        task.addVolume({ name: 'data' });
        mount(web, 'data', '/var/scratch/', false);
      },
      /another mount at \/var\/scratch/,
    ],
    [
      'a mount of the sidecar’s private volume',
      ({ web }) => mount(web, 'kerberos-private', '/p', true),
      /web mounts kerberos-private/,
    ],
    [
      'all of its volumes',
      ({ web }) => web.addVolumesFrom({ sourceContainer: 'kerberos', readOnly: true }),
      /web mounts kerberos-private/,
    ],
    [
      'another writer of the tickets',
      ({ task }) => mount(addAgent(task), 'kerberos-published', '/p', false),
      /agent mounts kerberos-published with write access.*readOnly: true/,
    ],
    [
      'a secret instead of its variable',
      ({ stack, web }) => {
        const other = Secret.fromSecretCompleteArn(stack, 'Other', userArn);
        web.addSecret('KRB5CCNAME', ContainerSecret.fromSecretsManager(other));
      },
      /gets KRB5CCNAME from a secret/,
    ],
    [
      'another value of its variable',
      ({ web }) => web.addEnvironment('KRB5CCNAME', 'FILE:/tmp/other'),
      /web has KRB5CCNAME=FILE:\/tmp\/other, but serve\(container\) sets FILE:\/var\/scratch\/krbcache/,
    ],
    [
      'something mounted below the ticket',
      ({ task, web }) => {
        task.addVolume({ name: 'data' });
        mount(web, 'data', '/var/scratch/data', false);
      },
      /data mounted at \/var\/scratch\/data, below the ticket.*read-only/,
    ],
    ['a container that is made elsewhere', ({ stack, task }) => made(stack, task), /made gets no ticket/],
    [
      'a container of the sidecar’s name in another scope',
      ({ stack, task }) => made(stack, task, 'kerberos'),
      /another container of the task is called kerberos/,
    ],
    [
      'a mount of the sidecar’s private volume by a container in another scope',
      ({ stack, task }) => mount(made(stack, task), 'kerberos-private', '/p', true),
      /made mounts kerberos-private/,
    ],
  ])('%s', (_, change, message) => {
    expect(synthesized(change)).toThrow(message);
  });

  test('but an agent may mount the ticket read-only', () => {
    expect(synthesized(({ task }) => mount(addAgent(task), 'kerberos-published', '/p', true))).not.toThrow();
  });

  test('an earlier container of the sidecar’s name', () => {
    const task = exampleTask();
    task.addContainer('first', { image, containerName: 'kerberos' });
    expect(() => task.addExtension(exampleSidecar(Stack.of(task)))).toThrow(
      /called kerberos, too.*containerName/,
    );
  });
});

describe('A container of root', () => {
  const asRoot = (capabilities: (parameters: LinuxParameters) => void, user: string) => () => {
    const task = exampleTask();
    const kerberos = exampleSidecar(Stack.of(task));
    task.addExtension(kerberos);
    const linuxParameters = new LinuxParameters(task, 'Linux');
    capabilities(linuxParameters);
    kerberos.serve(task.addContainer('web', { image, user, linuxParameters }));
    containersOf(Stack.of(task));
  };

  test.each([Capability.ALL, Capability.DAC_OVERRIDE])(
    'that may not read other users’ files (%s dropped) needs the group',
    (capability) => {
      const drops = (parameters: LinuxParameters) => parameters.dropCapabilities(capability);
      expect(asRoot(drops, 'root')).toThrow(/runs as root without the capability.*"root:1002"/);
      expect(asRoot(drops, 'root:1002')).not.toThrow();
    },
  );

  test('can read it with Docker’s default capabilities or with restored ones', () => {
    expect(asRoot((parameters) => parameters.dropCapabilities(Capability.CHOWN), '0')).not.toThrow();
    const givenBack = (parameters: LinuxParameters) => {
      parameters.dropCapabilities(Capability.ALL);
      parameters.addCapabilities(Capability.DAC_OVERRIDE);
    };
    expect(asRoot(givenBack, '0')).not.toThrow();
  });
});

test('a task without a network is refused, because it could get no ticket', () => {
  const stack = exampleStack();
  const task = new TaskDefinition(stack, 'Task', {
    compatibility: Compatibility.EC2,
    networkMode: NetworkMode.NONE,
  });
  expect(() => task.addExtension(exampleSidecar(stack))).toThrow(
    /Stack\/Task has no network \(networkMode none\).*domain controllers/,
  );
});

function made(scope: Stack, taskDefinition: FargateTaskDefinition, containerName = 'made') {
  return new ContainerDefinition(scope, 'Elsewhere', { taskDefinition, image, containerName });
}

function addAgent(task: FargateTaskDefinition, containerName = 'agent'): ContainerDefinition {
  return task.addContainer('agent', { image, containerName, essential: false });
}

describe('Two sidecars of a task', () => {
  test('are distinguished by their metrics', () => {
    const { task, stack } = servedTask();
    const user = Secret.fromSecretCompleteArn(stack, 'Second', userArn);
    const same = exampleSidecar(stack, { user, containerName: 'second' });
    expect(() => task.addExtension(same)).toThrow(
      /kerberos and second of Stack\/Task would send the same metrics.*serviceName/,
    );
  });

  test('have alarms in separate scopes', () => {
    const { task, stack, kerberos } = servedTask();
    const user = Secret.fromSecretCompleteArn(stack, 'Second', userArn);
    const second = exampleSidecar(stack, { user, containerName: 'second', serviceName: 'reports' });
    task.addExtension(second);
    second.serve(addApplication(task, 'report'));
    kerberos.addAlarms(stack);
    expect(() => second.addAlarms(stack)).toThrow(/Stack already has alarms of a sidecar.*new Construct/);
    second.addAlarms(new Construct(stack, 'Second sidecar'));
    Template.fromStack(stack).resourceCountIs('AWS::CloudWatch::Alarm', 12);
  });
});

describe('The secret of another stack, which a key of that stack encrypts,', () => {
  const env = { account: '111122223333', region: 'eu-central-1' };
  test.each(['injected', 'fetched'] as const)(
    'is read (%s) without circular dependencies between the stacks',
    (credentials) => {
      const app = new App({ builtinCloudFormationValidation: false });
      const shared = new Stack(app, 'Shared', { env });
      const stack = new Stack(app, 'Stack', { env });
      const user = new Secret(shared, 'User', { encryptionKey: new Key(shared, 'Key') }) as ISecret;
      const task = exampleTask(stack);
      const kerberos = exampleSidecar(stack, { user, credentials });
      task.addExtension(kerberos);
      kerberos.serve(addApplication(task));
      const policies = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
      const actions = JSON.stringify(policies);
      expect(actions).toContain('secretsmanager:GetSecretValue');
      expect(actions).toContain('kms:Decrypt');
      expect(shared.dependencies).toEqual([]);
    },
  );

  test('also works in a nested stack', () => {
    const app = new App({ builtinCloudFormationValidation: false });
    const stack = new Stack(app, 'Shared', { env });
    const task = exampleTask(new NestedStack(stack, 'Nested'));
    const user = new Secret(stack, 'User', { encryptionKey: new Key(stack, 'Key') }) as ISecret;
    const kerberos = exampleSidecar(stack, { user });
    task.addExtension(kerberos);
    kerberos.serve(addApplication(task));
    expect(() => app.synth()).not.toThrow();
  });
});
