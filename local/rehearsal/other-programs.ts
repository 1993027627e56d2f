import { saysHealthy } from '../service/health-command.ts';
import { type OtherProgram, userOfService } from '../service/process-task.ts';
import type { Slot } from '../service/task.ts';
import { environmentOf } from '../service/task-definition/deployed-task.ts';
import type { TaskDefinition } from '../service/task-definition/schema.ts';
import { userOf } from '../service/user.ts';
import { buildServiceProgram, programsOf } from './programs.ts';
import type { Rehearsal } from './rehearsal.ts';
import { surroundingsOf } from './task-surroundings.ts';

/** Whose task it is. */
interface OwnService {
  readonly name: string;
  /** See `usersOf`. */
  readonly index: number;
}

/**
 * The containers of a task definition besides the sidecar and the service's own, as processes. The program of each is
 * bundled from its folder in `services/`; its variables, its user and whether it is essential come from the definition.
 * A container with a health check is ready when its `health.mjs` says so, as in its image.
 *
 * @returns their programs for a task in a slot, at whose address they may listen
 * @throws Error when a container names no user, or its program cannot be made
 */
export async function otherPrograms(
  rehearsal: Rehearsal,
  task: TaskDefinition,
  service: OwnService,
): Promise<(slot: Slot) => readonly OtherProgram[]> {
  const others = task.ContainerDefinitions.filter(({ Name }) => ![service.name, 'sidecar'].includes(Name));
  const surroundings = await surroundingsOf(rehearsal);
  const { node } = await programsOf(rehearsal);
  const made = await Promise.all(
    others.map(async (container) => ({
      container,
      user: userOfService(userOf(container), service.index),
      files: await buildServiceProgram(rehearsal, `${service.name}-${container.Name}`, container.Name),
    })),
  );
  return (slot) =>
    made.map(({ container, user, files }) => {
      const { Name: name, Essential: essential, HealthCheck } = container;
      const environment = {
        ...{ ...environmentOf(task, name), ...surroundings },
        ...{ TASK_NAME: slot.name, HOST: slot.address },
      };
      const isReady = async ({ running }: { readonly running: boolean }) =>
        !HealthCheck || (running && (await saysHealthy(node, files.health, environment, user)));
      return { name, program: files.main, environment, user, essential, isReady };
    });
}
