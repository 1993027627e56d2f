import type { ContainerDefinition } from '../../service/task-definition/schema.ts';
import {
  readSecretReference,
  type SecretReference,
  secretValue,
} from '../../service/task-definition/secret-reference.ts';
import { type Container, createContainer } from './container.ts';
import { engineNames, removeByNames } from './engine-names.ts';
import type { Health } from './health.ts';
import type { ContainerTaskOptions } from './task.ts';

/** The containers and volumes of a task, created but not started. */
export interface CreatedTask {
  readonly containers: readonly Container[];
  /** Stops each container after those that depend on it have ended. */
  stop(): Promise<void>;
  /** Removes the containers and volumes. */
  remove(): Promise<void>;
}

/** Creates the containers and volumes of a task. @throws Error after removing what it had created */
export async function createTask(
  options: ContainerTaskOptions,
  onHealth: (container: string, health: Health) => void,
): Promise<CreatedTask> {
  const { engine, taskDefinition, stateDirectory } = options;
  const names = engineNames(stateDirectory, options.name);
  const volumes = new Map(taskDefinition.Volumes.map(({ Name }) => [Name, names.of(Name)]));
  const containers: Container[] = [];
  const remove = async () => {
    await Promise.all(containers.map((container) => container.remove()));
    await removeByNames(engine, [], [...volumes.values()]);
  };

  try {
    const secrets = await Promise.all(
      taskDefinition.ContainerDefinitions.map((definition) => readSecrets(definition, options.readSecret)),
    );
    for (const volume of volumes.values()) {
      await engine.run(['volume', 'create', ...names.labels.map((label) => `--label=${label}`), volume]);
    }
    for (const [index, definition] of taskDefinition.ContainerDefinitions.entries()) {
      containers.push(
        await createContainer({
          engine,
          definition,
          secrets: secrets[index] ?? {},
          stateDirectory,
          onHealth: (health) => onHealth(definition.Name, health),
          surroundings: {
            name: names.of(definition.Name),
            image: options.localImage(definition.Image),
            taskMemory: taskDefinition.Memory,
            volumes,
            labels: Object.fromEntries(names.labels.map((label) => label.split('=') as [string, string])),
            dns: options.dns,
            environment: options.environment?.[definition.Name],
            files: options.files?.[definition.Name],
          },
        }),
      );
    }
  } catch (error) {
    await remove();
    throw error;
  }

  const stops = new Map<Container, Promise<void>>();
  function stopOne(container: Container): Promise<void> {
    const known = stops.get(container);
    if (known) return known;
    const dependents = containers.filter(({ definition }) =>
      definition.DependsOn.some(({ ContainerName }) => ContainerName === container.definition.Name),
    );
    const stopped = Promise.all(dependents.map(stopOne)).then(() => container.stop());
    stops.set(container, stopped);
    return stopped;
  }
  return {
    containers,
    stop: async () => void (await Promise.all(containers.map(stopOne))),
    remove,
  };
}

async function readSecrets(
  { Secrets }: ContainerDefinition,
  read: (reference: SecretReference) => Promise<string>,
): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const { Name, ValueFrom } of Secrets) {
    const reference = readSecretReference(ValueFrom);
    values[Name] = secretValue(reference, await read(reference));
  }
  return values;
}
