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
 * Starts the tasks of a further web service. It is behind the environment's load balancer, which has had its rule from
 * the beginning, or behind a load balancer of its own, over HTTP.
 *
 * @throws Error when a task does not become ready, or the load balancer does not find it healthy
 */
export async function startFurtherWeb(
  rehearsal: Rehearsal,
  rehearsed: RehearsedService,
  report: Report,
  options?: FurtherOptions,
): Promise<void> {
  const { service, login } = rehearsed;
  if (service.kind !== 'web') throw new Error(`${service.name} is not a web service.`);
  const { name } = service;
  const answering = (await answeringServices(rehearsal)).find((each) => each.name === name);
  if (!answering) throw new Error(`The template of ${name} routes no requests to it.`);
  const url = await entranceOf(rehearsal, answering);
  const start = await starterOf(rehearsal, rehearsed, report, options);
  const { tasks, slots } = answering;
  const running = await startService({
    ...{ desiredCount: tasks, slots, report: rehearsal.report },
    startTask: async (slot) => (await start(slot)).task,
  });
  rehearsal.cleanUp.defer(() => running.stop());
  rehearsal.running.set(name, running);

  // As on AWS, except that the host name of a service's own load balancer is ignored, because it does not resolve here.
  const [asked] = askedServices([{ ...service, loadBalancer: undefined }], url);
  if (!asked) return;
  report(`waiting until the tasks of ${name} are healthy for the load balancer`);
  if (!(await within(patience, () => answersOk(asked.url, asked.host))))
    throw new Error(
      `The load balancer considers no task of ${name} healthy, although the tasks report that they are.`,
    );
  rehearsal.asked.set(name, asked);
  report(
    `${tasks === 1 ? 'a task' : `${tasks} tasks`} of ${name}: running as ${login}, at ${placeOf(asked)}`,
  );
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
