import { createHash } from 'node:crypto';
import type { ContainerEngine } from '../engine.ts';

const label = 'rehearsal';

/** The names of a task's containers and volumes in the engine, which several rehearsals may share. */
export function engineNames(stateDirectory: string, task: string) {
  const rehearsal = createHash('sha256').update(stateDirectory).digest('hex').slice(0, 8);
  return {
    labels: [`${label}=${rehearsal}`],
    of: (part: string) => `${rehearsal}-${task}-${part}`,
  };
}

/**
 * Removes the containers and volumes that an earlier rehearsal has left in this state directory.
 *
 * @returns the names of the containers
 */
export async function removeLeftContainers(
  engine: ContainerEngine,
  stateDirectory: string,
): Promise<string[]> {
  const [mark] = engineNames(stateDirectory, '').labels;
  const list = async (...words: string[]) =>
    (await engine.run([...words, `--filter=label=${mark}`])).split('\n').filter(Boolean);
  const containers = await list('ps', '--all', '--format={{.Names}}');
  await removeByNames(engine, containers, await list('volume', 'ls', '--quiet'));
  return containers;
}

/** Kills and removes containers and volumes; those that no longer exist are ignored. */
export async function removeByNames(
  engine: ContainerEngine,
  containers: readonly string[],
  volumes: readonly string[],
): Promise<void> {
  if (containers.length > 0) await engine.run(['rm', '--force', '--volumes', ...containers]);
  if (volumes.length > 0) await engine.run(['volume', 'rm', '--force', ...volumes]);
}
