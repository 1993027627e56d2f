export interface Comparison {
  /** Median over the rounds of how much faster the first is; above 1, the first is faster. */
  readonly ratio: number;
  /** Median seconds of one run of the first. */
  readonly first: number;
  readonly second: number;
}

/**
 * Runs two alternatives in turns and compares each pair, so that other load on the machine affects both alike. The
 * order changes from pair to pair. The first tenth of the rounds warms up and is not counted.
 */
export async function comparePairwise(options: {
  readonly rounds: number;
  /** Returns seconds; default: wall-clock time. */
  readonly clock?: () => number;
  readonly first: () => Promise<unknown>;
  readonly second: () => Promise<unknown>;
}): Promise<Comparison> {
  const seconds = (work: () => Promise<unknown>) => measure(work, options.clock ?? wallSeconds);
  const pairs: { first: number; second: number }[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    const secondLeads = round % 2 === 1;
    const early = secondLeads ? await seconds(options.second) : await seconds(options.first);
    const late = secondLeads ? await seconds(options.first) : await seconds(options.second);
    pairs.push(secondLeads ? { first: late, second: early } : { first: early, second: late });
  }
  const counted = pairs.slice(Math.ceil(options.rounds / 10));
  return {
    ratio: median(counted.map(({ first, second }) => second / first)),
    first: median(counted.map(({ first }) => first)),
    second: median(counted.map(({ second }) => second)),
  };
}

/** Processor time used by all threads of this process, in seconds. */
export function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

const wallSeconds = () => performance.now() / 1000;

async function measure(work: () => Promise<unknown>, clock: () => number): Promise<number> {
  const start = clock();
  await work();
  return clock() - start;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
