import * as z from 'zod';

/** CloudFormation also takes numbers and truth values as text. */
const whole = z
  .union([z.number(), z.string().regex(/^\d+$/).transform(Number)])
  .pipe(z.number().int().min(0));
const truth = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);
const named = z.string().min(1);
const pair = z.strictObject({ Name: named, Value: z.string() });

const healthCheck = z.strictObject({
  Command: z.tuple([z.enum(['CMD', 'CMD-SHELL'])], named),
  Interval: whole.default(30),
  Timeout: whole.default(5),
  Retries: whole.default(3),
  StartPeriod: whole.default(0),
});

const linuxParameters = z.strictObject({
  Capabilities: z
    .strictObject({ Add: z.array(named).default([]), Drop: z.array(named).default([]) })
    .default({ Add: [], Drop: [] }),
  InitProcessEnabled: truth.default(false),
});

const restartPolicy = z.strictObject({
  Enabled: truth.default(false),
  IgnoredExitCodes: z.array(whole).default([]),
  RestartAttemptPeriod: whole.default(300),
});

const container = z.strictObject({
  Name: named,
  Image: named,
  Essential: truth.default(true),
  EntryPoint: z.array(z.string()).optional(),
  Command: z.array(z.string()).optional(),
  WorkingDirectory: named.optional(),
  User: named.optional(),
  Environment: z.array(pair).default([]),
  Secrets: z.array(z.strictObject({ Name: named, ValueFrom: named })).default([]),
  MountPoints: z
    .array(z.strictObject({ SourceVolume: named, ContainerPath: named, ReadOnly: truth.default(false) }))
    .default([]),
  PortMappings: z
    .array(
      z.strictObject({
        ContainerPort: whole,
        HostPort: whole.optional(),
        Protocol: z.enum(['tcp', 'udp']).default('tcp'),
        Name: named.optional(),
      }),
    )
    .default([]),
  Cpu: whole.optional(),
  /** Hard limit, in MiB. */
  Memory: whole.optional(),
  MemoryReservation: whole.optional(),
  ReadonlyRootFilesystem: truth.default(false),
  LinuxParameters: linuxParameters.prefault({}),
  Ulimits: z.array(z.strictObject({ Name: named, SoftLimit: whole, HardLimit: whole })).default([]),
  HealthCheck: healthCheck.optional(),
  DependsOn: z
    .array(
      z.strictObject({
        ContainerName: named,
        Condition: z.enum(['START', 'COMPLETE', 'SUCCESS', 'HEALTHY']),
      }),
    )
    .default([]),
  RestartPolicy: restartPolicy.optional(),
  /** Seconds between SIGTERM and SIGKILL. */
  StopTimeout: whole.default(30),
  DockerLabels: z.record(z.string(), z.string()).default({}),
  LogConfiguration: z
    .strictObject({ LogDriver: z.literal('awslogs'), Options: z.record(z.string(), z.unknown()).default({}) })
    .optional(),
});

/**
 * The properties of `AWS::ECS::TaskDefinition` that the task runner carries out, or that say nothing about how the
 * containers run (family, roles, tags). Any other is an error: a field that is read and not obeyed would be a rehearsal
 * of something else.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-taskdefinition.html
 */
export const taskDefinitionSchema = z.strictObject({
  Family: named.optional(),
  Cpu: whole,
  Memory: whole,
  NetworkMode: z.literal('awsvpc'),
  RequiresCompatibilities: z.array(z.literal('FARGATE')),
  RuntimePlatform: z
    .strictObject({
      CpuArchitecture: z.enum(['X86_64', 'ARM64']).default('X86_64'),
      OperatingSystemFamily: z.literal('LINUX').default('LINUX'),
    })
    .prefault({}),
  ExecutionRoleArn: z.unknown().optional(),
  TaskRoleArn: z.unknown().optional(),
  Tags: z.unknown().optional(),
  Volumes: z.array(z.strictObject({ Name: named })).default([]),
  ContainerDefinitions: z.array(container).min(1),
});

export type TaskDefinition = z.output<typeof taskDefinitionSchema>;
export type ContainerDefinition = TaskDefinition['ContainerDefinitions'][number];
