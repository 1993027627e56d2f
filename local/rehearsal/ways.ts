import { digestsOf } from '../containers/images/build-images.ts';
import type { RoutedService } from '../load-balancer/haproxy-configuration.ts';
import { type WayOfRequests, wayOfRequests } from '../load-balancer/way-of-requests.ts';
import type { Slot } from '../service/task.ts';
import { deployedServices } from '../service/task-definition/deployed-task.ts';
import type { RehearsedService } from './names.ts';
import type { Rehearsal } from './rehearsal.ts';

/** A further web service: how requests reach it, and where its tasks run here. */
export interface Answering {
  readonly name: string;
  readonly way: WayOfRequests;
  /** How many tasks run. */
  readonly tasks: number;
  readonly slots: readonly Slot[];
  /** Address of its own load balancer, if it has one. */
  readonly address: string;
}

/**
 * The further web services, according to their templates. Synthesizes only if there are any.
 *
 * @throws Error when they cannot be synthesized
 */
export async function answeringServices(rehearsal: Rehearsal): Promise<readonly Answering[]> {
  const { names, deployment, parts } = rehearsal;
  if (!names.services.some(({ service }) => service.kind === 'web')) return [];
  const { templates } = await deployedServices({
    ...{ deployment, domain: names.name },
    ...(parts.images && { images: digestsOf(parts.images) }),
  });
  return names.services.flatMap((rehearsed, index) => {
    const template = templates[rehearsed.service.name];
    const way = template && wayOfRequests(template);
    return way ? [{ ...placesOf(rehearsal, rehearsed, index), way }] : [];
  });
}

/** The rules for the environment's load balancer. */
export function routed(services: readonly Answering[]): RoutedService[] {
  return services.flatMap(({ name, slots, way: { rule, healthPath } }) =>
    rule ? [{ ...rule, name, healthPath, backends: slots }] : [],
  );
}

function placesOf({ network, taskCount }: Rehearsal, { service }: RehearsedService, index: number) {
  if (service.kind !== 'web') throw new Error(`${service.name} is not a web service.`);
  const { name, port, minimumTasks } = service;
  // At most as many as web has, even if the configuration asks for more.
  const tasks = Math.min(minimumTasks, taskCount);
  // One more slot for a deployment, which starts a new task before it ends an old one.
  const slots = Array.from({ length: tasks + 1 }, (_, place) => ({
    name: `${name}-${place + 1}`,
    address: network.address(100 + index * 10 + place),
    port,
  }));
  return { name, tasks, slots, address: network.address(60 + index) };
}
