import { createHash } from 'node:crypto';
import { section, text } from './fields.ts';
import { listOf } from './identifiers.ts';

/**
 * Limits of Elastic Load Balancing for a listener's rules.
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

/** The requests to the environment's load balancer that a service gets. */
export const route = section({
  hosts: values(host, 'host names').optional(),
  paths: values(path, 'paths').optional(),
})
  .refine(({ hosts, paths }) => hosts !== undefined || paths !== undefined, {
    error: 'an object with hosts, paths or both',
    abort: true,
  })
  .refine((given) => patterns(given).length <= limits.values, {
    error: `an object with at most ${limits.values} hosts and paths in all, as the load balancer requires`,
    abort: true,
  })
  .refine((given) => wildcardsIn(patterns(given)) <= limits.wildcards, {
    error: `an object with at most ${limits.wildcards} of the characters * and ? in all, as the load balancer requires`,
    abort: true,
  });

/** The path of the load balancer's health check; without wildcards. */
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
 * Whether some text matches both patterns, in which `*` stands for any text, including none, and `?` for one character.
 * A text without wildcards is a pattern that matches only itself.
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

/** Whether some request matches both routes. */
export function routesOverlap(one: Route, other: Route): boolean {
  return anyOverlap(one.hosts, other.hosts) && anyOverlap(one.paths, other.paths);
}

/**
 * The priority of the rule that sends all remaining requests to web: the last one, even if there are no others. ECS
 * shifts the weights of that rule, so the rule must not change when services are added or removed.
 */
export const webPriority = limits.lastPriority;

/**
 * The priority of a service's rule. It depends on the name alone, so adding, removing or reordering services does not
 * give a rule the priority that another one still has. Routes do not overlap, so their order does not matter.
 */
export function rulePriority(service: string): number {
  const first = createHash('sha256').update(service).digest().readUInt32BE();
  // Priority 1 was web's in former releases, and still is during an update.
  return 2 + (first % (webPriority - 2));
}

/** A text that matches a pattern, for a test to request. */
export function exampleOf(pattern: string): string {
  return pattern.replaceAll('*', 'test').replaceAll('?', 'x');
}
