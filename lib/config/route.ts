import { createHash } from 'node:crypto';
import { section, text } from './fields.ts';
import { listOf } from './identifiers.ts';

/**
 * What Elastic Load Balancing allows in the rules of a listener.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
 */
const limits = { values: 5, wildcards: 5, lastPriority: 50_000 } as const;

const host = text(
  /^(?=.{1,128}$)[a-z0-9*?_-]+(\.[a-z0-9*?_-]+)*\.[a-z]+$/,
  'a host name in lower-case letters of at most 128 characters, such as "reports.example.com" or "*.example.com"',
);
const path = text(
  /^(?=.{1,128}$)[/*][A-Za-z0-9_.$/~"'@:+&*?-]*$/,
  'a path of at most 128 characters that begins with "/", such as "/reports/*"',
);

const values = (item: typeof host, of: string) =>
  listOf(item, 1, limits.values, `a list of 1 to ${limits.values} ${of}`);

/** Which requests a service gets of those that come to the load balancer of the environment. */
export const route = section({
  hosts: values(host, 'host names').optional(),
  paths: values(path, 'paths').optional(),
})
  .refine(({ hosts, paths }) => hosts !== undefined || paths !== undefined, {
    error: 'an object with hosts, paths or both',
    abort: true,
  })
  .refine((given) => patterns(given).length <= limits.values, {
    error: `an object with at most ${limits.values} hosts and paths in all, as the load balancer asks for`,
    abort: true,
  })
  .refine((given) => wildcardsIn(patterns(given)) <= limits.wildcards, {
    error: `an object with at most ${limits.wildcards} of the signs * and ? in all, as the load balancer asks for`,
    abort: true,
  });

/** Where the load balancer asks a task for its health: a path without wildcards. */
export const healthPath = text(
  /^\/[A-Za-z0-9_.$/~"'@:+&-]{0,127}$/,
  'a path of at most 128 characters, such as "/healthz"',
);

export interface Route {
  readonly hosts?: readonly string[] | undefined;
  readonly paths?: readonly string[] | undefined;
}

function patterns({ hosts = [], paths = [] }: Route): readonly string[] {
  return [...hosts, ...paths];
}

function wildcardsIn(texts: readonly string[]): number {
  return texts.join('').replaceAll(/[^*?]/g, '').length;
}

/**
 * Whether a text fits both patterns, in which `*` stands for any text, also none, and `?` for one character. A text
 * without either is a pattern that fits itself.
 */
export function overlap(one: string, other: string): boolean {
  const known = new Map<string, boolean>();
  const fits = (i: number, j: number): boolean => {
    const key = `${i} ${j}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const result = step(i, j);
    known.set(key, result);
    return result;
  };
  const step = (i: number, j: number): boolean => {
    const [a, b] = [one[i], other[j]];
    if (a === undefined && b === undefined) return true;
    if (a === '*') return fits(i + 1, j) || (b !== undefined && fits(i, j + 1));
    if (b === '*') return fits(i, j + 1) || (a !== undefined && fits(i + 1, j));
    if (a === undefined || b === undefined) return false;
    return (a === b || a === '?' || b === '?') && fits(i + 1, j + 1);
  };
  return fits(0, 0);
}

const anyOverlap = (some: readonly string[] | undefined, others: readonly string[] | undefined) =>
  some === undefined || others === undefined || some.some((a) => others.some((b) => overlap(a, b)));

/** Whether there is a request that both routes are for. */
export function routesOverlap(one: Route, other: Route): boolean {
  return anyOverlap(one.hosts, other.hosts) && anyOverlap(one.paths, other.paths);
}

/**
 * The rule that gives web all that no other rule is for: the last one, whether there are others or not. ECS moves the
 * weights of that rule, so nothing about it changes when services come and go.
 */
export const webPriority = limits.lastPriority;

/**
 * The priority of a service's rule. It follows from the name alone: whatever comes, goes or changes places, no rule is
 * given what another one still has. No request fits two routes, so their order says nothing.
 */
export function rulePriority(service: string): number {
  const first = createHash('sha256').update(service).digest().readUInt32BE();
  // The first place was web's in former releases: during an update it still has it.
  return 2 + (first % (webPriority - 2));
}

/** A text that fits a pattern: what a test asks for. */
export function exampleOf(pattern: string): string {
  return pattern.replaceAll('*', 'test').replaceAll('?', 'x');
}
