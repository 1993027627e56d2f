import { type Resolve, resolveIntrinsicFunctions, type Template } from './intrinsic-functions.ts';
import { type TaskDefinition, taskDefinitionSchema } from './schema.ts';

/** Properties that only AWS itself makes use of: what they refer to need not exist here. */
const onlyForAws = ['ExecutionRoleArn', 'TaskRoleArn', 'Tags'];

/**
 * Reads the one task definition of a synthesized template that is of a service, and not of its doctor.
 *
 * @param template as `cdk synth` writes it
 * @param resolve values of what the template refers to
 * @throws Error with a sentence for each field that is unknown, wrong, or refers to something without a value
 */
export function readTaskDefinition(template: Template, resolve: Resolve): TaskDefinition {
  const found = Object.values(template.Resources).filter(
    ({ Type, Properties }) => Type === 'AWS::ECS::TaskDefinition' && !isDoctor(Properties),
  );
  if (found.length !== 1) {
    throw new Error(`The template has ${found.length} task definitions, but it must have one.`);
  }
  const properties = { ...(found[0]?.Properties as Record<string, unknown>) };
  for (const name of onlyForAws) delete properties[name];
  const resolved = resolveIntrinsicFunctions(
    withoutLogOptions(properties),
    template,
    resolve,
    'TaskDefinition',
  );
  const parsed = taskDefinitionSchema.safeParse(resolved);
  if (!parsed.success) {
    const sentences = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'It'}: ${message}`);
    throw new Error(`The task runner cannot run this task definition.\n${sentences.join('\n')}`);
  }
  checkReferences(parsed.data);
  return parsed.data;
}

/** The doctor's is started by hand, and has one container. */
function isDoctor(properties: unknown): boolean {
  const { ContainerDefinitions: containers = [] } = properties as {
    ContainerDefinitions?: { Name?: string }[];
  };
  return containers.length === 1 && containers[0]?.Name === 'doctor';
}

/** Group, region and stream of the log are CloudWatch's: here every container has a log file. */
function withoutLogOptions(properties: Record<string, unknown>): Record<string, unknown> {
  const containers = (properties.ContainerDefinitions ?? []) as Record<string, unknown>[];
  return {
    ...properties,
    ContainerDefinitions: containers.map(({ LogConfiguration, ...rest }) =>
      LogConfiguration
        ? { ...rest, LogConfiguration: { ...(LogConfiguration as object), Options: {} } }
        : rest,
    ),
  };
}

/** What CloudFormation would refuse when it registers the definition. */
function checkReferences({ ContainerDefinitions: containers, Volumes: volumes }: TaskDefinition): void {
  for (const { Name, MountPoints, DependsOn } of containers) {
    const volume = MountPoints.find((mount) => !volumes.some((known) => known.Name === mount.SourceVolume));
    if (volume)
      throw new Error(`Container ${Name} mounts ${volume.SourceVolume}, which is no volume of the task.`);
    for (const { ContainerName, Condition } of DependsOn) {
      const other = containers.find((container) => container.Name === ContainerName);
      if (!other)
        throw new Error(`Container ${Name} depends on ${ContainerName}, which the task does not have.`);
      if (Condition === 'HEALTHY' && !other.HealthCheck) {
        throw new Error(
          `Container ${Name} waits for ${ContainerName} to be healthy, which has no health check.`,
        );
      }
    }
  }
}
