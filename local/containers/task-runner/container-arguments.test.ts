import { expect, test } from 'vitest';
import { taskDefinitionSchema } from '../../service/task-definition/schema.ts';
import { containerArguments, type Surroundings } from './container-arguments.ts';

const surroundings: Surroundings = {
  name: 'task-1-web',
  image: 'localhost/web:1',
  taskMemory: 512,
  volumes: new Map([['shared', 'task-1-shared']]),
  labels: { rehearsal: 'abc' },
};

function argumentsOf(
  container: object,
  changed: Partial<Surroundings> = {},
  engine: 'podman' | 'docker' = 'podman',
) {
  const { ContainerDefinitions } = taskDefinitionSchema.parse({
    Cpu: 256,
    Memory: 512,
    NetworkMode: 'awsvpc',
    RequiresCompatibilities: ['FARGATE'],
    ContainerDefinitions: [{ Name: 'web', Image: 'web', ...container }],
  });
  const [definition] = ContainerDefinitions;
  if (!definition) throw new Error('no container');
  return containerArguments(definition, { ...surroundings, ...changed }, { name: engine });
}

test.each([
  ['user', { User: '1002:1002' }, ['--user=1002:1002']],
  [
    'capabilities',
    { LinuxParameters: { Capabilities: { Drop: ['ALL'], Add: ['SYS_PTRACE'] } } },
    ['--cap-drop=ALL', '--cap-add=SYS_PTRACE'],
  ],
  ['init process', { LinuxParameters: { InitProcessEnabled: true } }, ['--init']],
  ['memory limit, without swap', { Memory: 320 }, ['--memory=320m', '--memory-swap=320m']],
  ['memory of the task where the container has none', {}, ['--memory=512m']],
  [
    'mount modes',
    { MountPoints: [{ SourceVolume: 'shared', ContainerPath: '/var/scratch', ReadOnly: true }] },
    ['--volume=task-1-shared:/var/scratch:ro'],
  ],
  ['variables', { Environment: [{ Name: 'PORT', Value: '8080' }] }, ['--env=PORT=8080']],
  ['stop time-out', { StopTimeout: 10 }, ['--stop-timeout=10']],
  ['limits', { Ulimits: [{ Name: 'nofile', SoftLimit: 1, HardLimit: 2 }] }, ['--ulimit=nofile=1:2']],
])('%s', (_, container, expected) => {
  expect(argumentsOf(container)).toEqual(expect.arrayContaining(expected));
});

test('a read-only root has no writable folder, which podman would add', () => {
  const container = { ReadonlyRootFilesystem: true };
  expect(argumentsOf(container)).toEqual(expect.arrayContaining(['--read-only', '--read-only-tmpfs=false']));
  expect(argumentsOf(container, {}, 'docker')).not.toContain('--read-only-tmpfs=false');
  expect(argumentsOf({})).not.toContain('--read-only');
});

test('a secret appears by name, but its value is not in the arguments', () => {
  const Secrets = [{ Name: 'CREDENTIALS', ValueFrom: 'arn:aws:secretsmanager:x:1:secret:s' }];
  const words = argumentsOf({ Secrets });
  expect(words).toContain('--env=CREDENTIALS');
  expect(words.join(' ')).not.toContain('CREDENTIALS=');
});

test('entry point and command replace the image’s', () => {
  const words = argumentsOf({ EntryPoint: ['node', '--flag'], Command: ['main.mjs'] });
  expect(words).toContain('--entrypoint=node');
  expect(words.slice(-3)).toEqual(['localhost/web:1', '--flag', 'main.mjs']);
});

test('additions of this machine: the address to listen on, a DNS server, a file', () => {
  const words = argumentsOf(
    { Environment: [{ Name: 'HOST', Value: '0.0.0.0' }] },
    { environment: { HOST: '127.0.0.9' }, dns: '127.0.0.53', files: { '/etc/ca.pem': '/here/ca.pem' } },
  );
  expect(words).toEqual(
    expect.arrayContaining([
      '--env=HOST=127.0.0.9',
      '--dns=127.0.0.53',
      '--volume=/here/ca.pem:/etc/ca.pem:ro',
    ]),
  );
  expect(words).not.toContain('--env=HOST=0.0.0.0');
});
