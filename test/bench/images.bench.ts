import { join } from 'node:path';
import { buildImages, type Images } from '../../local/containers/images/build-images.ts';
import { debianPackages, imageFiles, setuidFiles } from '../../local/containers/images/image-files.ts';
import { setUpContainers } from '../../local/containers/setup/setup.ts';
import { startRunningService } from '../containers/running-service.ts';
import { type Bench, type BenchContext, type Figure, figure } from './figure.ts';

/** Megabytes. */
const goals: Readonly<Record<string, number>> = { sidecar: 80 };
const otherGoal = 90;
const starts = 5;

export default {
  name: 'images',
  async run(context) {
    const { progress } = context;
    const engine = await setUpContainers({ report: progress });
    const images = await buildImages(engine, {
      repositoryPrefix: 'localhost/bench',
      tag: 'bench',
      logFile: join('.state', 'logs', 'bench-images.log'),
      report: progress,
    });
    const figures: Figure[] = [];
    for (const [name, { reference, compressedBytes }] of Object.entries(images)) {
      const size = Number(await engine.run(['image', 'inspect', '--format', '{{.Size}}', reference]));
      const files = await imageFiles(engine, reference);
      figures.push(
        figure(`${name}: image as it is pulled`, compressedBytes / 1e6, 'MB', '<=', goals[name] ?? otherGoal),
        figure(`${name}: image unpacked`, size / 1e6, 'MB'),
        figure(`${name}: Debian packages`, debianPackages(files).length, 'packages'),
        figure(
          `${name}: files with set-user-ID or set-group-ID`,
          setuidFiles(files).length,
          'files',
          '<=',
          0,
        ),
      );
    }
    return [...figures, ...(await measureStarts(images, context))];
  },
} satisfies Bench;

/** Measures times from the order to start a task. The service's other task keeps running, as in a deployment. */
async function measureStarts(images: Images, { progress }: BenchContext): Promise<Figure[]> {
  progress('starting a domain, a database and a first task');
  let began = 0;
  const healthy: Record<string, number> = {};
  await using running = await startRunningService({
    images,
    taskCount: 1,
    report: (line) => {
      const container = /: (\w+) is healthy$/.exec(line)?.[1];
      if (container) healthy[container] ??= performance.now() - began;
    },
  });
  const slot = running.rehearsal.slots[1];
  if (!slot) throw new Error('There is no place for a second task.');
  const times: { sidecar: number; web: number; page: number }[] = [];
  for (let i = 1; i <= starts; i++) {
    for (const container of Object.keys(healthy)) delete healthy[container];
    began = performance.now();
    const page = firstPage(`http://${slot.address}:${slot.port}/`).then(() => performance.now() - began);
    const task = await running.startTask(slot);
    const { sidecar = Number.NaN, web = Number.NaN } = healthy;
    times.push({ sidecar, web, page: await page });
    await task.stop();
    progress(`start ${i} of ${starts}: first page after ${((await page) / 1000).toFixed(2)} s`);
  }
  const middle = (part: 'sidecar' | 'web' | 'page') =>
    (times.map((time) => time[part]).sort((a, b) => a - b)[Math.floor(starts / 2)] as number) / 1000;
  return [
    figure('task: start to a healthy sidecar', middle('sidecar'), 's'),
    figure('task: start to a healthy web service', middle('web'), 's'),
    figure('task: start to the first page', middle('page'), 's', '<=', 3),
  ];
}

/** Requests the page until it answers. */
async function firstPage(url: string): Promise<void> {
  const limit = AbortSignal.timeout(60_000);
  while (!limit.aborted) {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
    await response?.arrayBuffer();
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${url} did not answer within 60 s.`);
}
