import { describe, expect, test } from 'vitest';
import { readTaskDefinition } from './read-task-definition.ts';

const container = { Name: 'web', Image: 'web:1', Essential: true };

function template(container: object, task: object = {}) {
  return {
    Parameters: { Endpoint: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/staging/endpoint' } },
    Resources: {
      Role: { Type: 'AWS::IAM::Role' },
      Definition: {
        Type: 'AWS::ECS::TaskDefinition',
        Properties: {
          Cpu: '256',
          Memory: '512',
          NetworkMode: 'awsvpc',
          RequiresCompatibilities: ['FARGATE'],
          ExecutionRoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
          ContainerDefinitions: [container],
          ...task,
        },
      },
    },
  };
}
const read = (changed: object, task?: object, known: Record<string, string> = {}) =>
  readTaskDefinition(template({ ...container, ...changed }, task), (reference) => known[reference]);

describe('readTaskDefinition', () => {
  test('resolves references by the name that a parameter has in Systems Manager', () => {
    const Environment = [{ Name: 'SQL_TLS_NAME', Value: { Ref: 'Endpoint' } }];
    const Image = { 'Fn::Join': ['', ['registry.', { Ref: 'AWS::URLSuffix' }, '/web']] };
    const known = { '/staging/endpoint': 'db.example', 'AWS::URLSuffix': 'amazonaws.com' };
    const [web] = read({ Environment, Image }, {}, known).ContainerDefinitions;
    expect(web).toMatchObject({
      Image: 'registry.amazonaws.com/web',
      Environment: [{ Name: 'SQL_TLS_NAME', Value: 'db.example' }],
    });
  });

  test('a reference without a value is an error that names it and its place', () => {
    const Environment = [{ Name: 'SQL_TLS_NAME', Value: { Ref: 'Endpoint' } }];
    expect(() => read({ Environment })).toThrow(
      'TaskDefinition.ContainerDefinitions.0.Environment.0.Value refers to /staging/endpoint, which has no value here.',
    );
  });

  test('a function that is not understood is an error', () => {
    expect(() => read({ Image: { 'Fn::ImportValue': 'image' } })).toThrow('uses Fn::ImportValue');
  });

  test.each([
    ['of a container', { Privileged: true }, {}, /ContainerDefinitions\.0: Unrecognized key: "Privileged"/],
    ['that ECS has and the runner not', { StartTimeout: 30 }, {}, /Unrecognized key: "StartTimeout"/],
    ['of a health check', { HealthCheck: { Command: ['CMD', 'x'], Delay: 1 } }, {}, /HealthCheck: .*"Delay"/],
    ['of a port', { PortMappings: [{ ContainerPort: 1, AppProtocol: 'http' }] }, {}, /AppProtocol/],
    ['of the task', {}, { PidMode: 'task' }, /Unrecognized key: "PidMode"/],
    ['of the linux parameters', { LinuxParameters: { Tmpfs: [] } }, {}, /LinuxParameters: .*"Tmpfs"/],
    ['of a volume', {}, { Volumes: [{ Name: 'v', EFSVolumeConfiguration: {} }] }, /Volumes\.0: .*EFSVolume/],
  ])('an unknown field %s is an error', (_, changed, task, message) => {
    expect(() => read(changed, task)).toThrow(message);
  });

  test('a log driver other than awslogs is an error; its options are CloudWatch’s business', () => {
    expect(() => read({ LogConfiguration: { LogDriver: 'splunk' } })).toThrow('LogDriver');
    const LogConfiguration = { LogDriver: 'awslogs', Options: { 'awslogs-group': { Ref: 'Group' } } };
    expect(read({ LogConfiguration }).ContainerDefinitions).toHaveLength(1);
  });

  test('a container cannot mount, or wait for, what the task does not have', () => {
    const MountPoints = [{ SourceVolume: 'shared', ContainerPath: '/var/scratch' }];
    expect(() => read({ MountPoints })).toThrow('mounts shared, which is no volume of the task');
    const DependsOn = [{ ContainerName: 'sidecar', Condition: 'START' }];
    expect(() => read({ DependsOn })).toThrow('depends on sidecar, which the task does not have');
    const itself = [{ ContainerName: 'web', Condition: 'HEALTHY' }];
    expect(() => read({ DependsOn: itself })).toThrow('which has no health check');
  });

  test('what is left out has the defaults of ECS', () => {
    expect(read({ HealthCheck: { Command: ['CMD', 'true'] } }).ContainerDefinitions[0]).toMatchObject({
      StopTimeout: 30,
      ReadonlyRootFilesystem: false,
      HealthCheck: { Interval: 30, Timeout: 5, Retries: 3, StartPeriod: 0 },
    });
  });
});
