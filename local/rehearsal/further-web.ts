import { askedServices } from '../../lib/config/index.ts';
import { startLoadBalancer } from '../load-balancer/load-balancer.ts';
import { patience, within } from '../processes/within.ts';
import { answersOk } from '../service/answers-ok.ts';
import { startService } from '../service/service.ts';
import { placeOf } from './describe-services.ts';
import { type FurtherOptions, starterOf } from './further-services.ts';
import type { RehearsedService } from './names.ts';
import type { Rehearsal } from './rehearsal.ts';
import { type Answering, answeringServices } from './ways.ts';

type Report = (line: string) => void;

/**
 * Starts the tasks of a further service that answers requests: behind the load balancer of the environment, which has
 * known its rule from the beginning, or behind one of its own, by HTTP.
 *
 * @throws Error when a task does not become ready, or the load balancer does not find it
 */
export async function startFurtherWeb(
  rehearsal: Rehearsal,
  rehearsed: RehearsedService,
  report: Report,
  options?: FurtherOptions,
): Promise<void> {
  const { service, login } = rehearsed;
  if (service.kind !== 'web') throw new Error(`${service.name} answers no requests.`);
  const { name } = service;
  const answering = (await answeringServices(rehearsal)).find((each) => each.name === name);
  if (!answering) throw new Error(`The template of ${name} leads no requests to it.`);
  const url = await entranceOf(rehearsal, answering);
  const start = await starterOf(rehearsal, rehearsed, report, options);
  const { tasks, slots } = answering;
  const running = await startService({
    ...{ desiredCount: tasks, slots, report: rehearsal.report },
    startTask: async (slot) => (await start(slot)).task,
  });
  rehearsal.cleanUp.defer(() => running.stop());
  rehearsal.running.set(name, running);

  // As on AWS, but for the name of a load balancer of its own, which leads nowhere from here.
  const [asked] = askedServices([{ ...service, loadBalancer: undefined }], url);
  if (!asked) return;
  report(`waiting for the load balancer to find the tasks of ${name} ready`);
  if (!(await within(patience, () => answersOk(asked.url, asked.host))))
    throw new Error(`The load balancer finds no task of ${name} ready, though the tasks say that they are.`);
  rehearsal.asked.set(name, asked);
  report(`${tasks === 1 ? 'a task' : `${tasks} tasks`} of ${name}: as ${login}, at ${placeOf(asked)}`);
}

async function entranceOf(rehearsal: Rehearsal, { name, way, slots, address }: Answering): Promise<string> {
  if (way.rule) return rehearsal.part('loadBalancer').url;
  const balancer = await startLoadBalancer({
    ...{ name: `${name}-load-balancer`, address, port: rehearsal.balancer.port },
    ...{ backends: slots, healthPath: way.healthPath },
    stateDirectory: rehearsal.stateDirectory,
  });
  rehearsal.cleanUp.defer(() => balancer.stop());
  return balancer.url;
}
