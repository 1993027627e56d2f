import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type BenchContext, type Figure, figure } from '../figure.ts';
import { HttpLoad, type HttpTarget } from './http-load.ts';
import type { OpenLoadRequest, OpenLoadResult } from './open-load.ts';

const clients = 50;
const warmUp = 500;
const requests = 3000;
const seconds = 5;

/**
 * More visitors than the service can answer, who do not wait for one another. The capacity is the rate that the service
 * reaches with a fixed number of clients. It is measured before and after each load, because other load on the machine
 * changes it.
 */
export async function overload({ progress }: BenchContext, target: HttpTarget): Promise<Figure[]> {
  const generator = fork(join(import.meta.dirname, 'open-load.ts'));
  await once(generator, 'message', { signal: AbortSignal.timeout(20_000) });
  const figures: Figure[] = [];
  try {
    let before = await capacity(target);
    for (const times of [2, 4, 8]) {
      progress(`${times} times its capacity: ${(before * times).toFixed(0)} requests per second`);
      const load: OpenLoadRequest = { ...target, perSecond: before * times, seconds };
      const start = performance.now();
      generator.send(load);
      const [result] = (await once(generator, 'message')) as [OpenLoadResult];
      const took = (performance.now() - start) / 1000;
      const after = await capacity(target);
      figures.push(...told(times, result, took, (before + after) / 2), afterwards(times, before, after));
      before = after;
    }
  } finally {
    generator.disconnect();
  }
  return figures;
}

function told(times: number, result: OpenLoadResult, took: number, borne: number): Figure[] {
  const name = `at ${times} times the capacity`;
  const { answered, turnedAway, failed } = result;
  return [
    figure(`${name}: answered vs capacity`, answered.length / took / borne, 'ratio', '>=', 0.85),
    figure(`${name}: 99 of 100 answered within`, percentile(answered, 99), 'ms', '<=', 1000),
    figure(`${name}: 99 of 100 turned away within`, percentile(turnedAway, 99), 'ms', '<=', 100),
    figure(`${name}: neither answered nor told to come back`, failed, 'requests', '<=', 0),
  ];
}

function afterwards(times: number, before: number, after: number): Figure {
  return figure(`after ${times} times the capacity, vs before`, after / before, 'ratio', '>=', 0.85);
}

/** Answers per second to clients that send the next request after each answer. */
async function capacity(target: HttpTarget): Promise<number> {
  const load = await HttpLoad.open(target, clients);
  try {
    await load.send(warmUp);
    const start = performance.now();
    await load.send(requests);
    return requests / ((performance.now() - start) / 1000);
  } finally {
    load.close();
  }
}

function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? 0;
}
