import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { overlap } from '../../lib/config/route.ts';
import { type RoutedService, renderHaproxyConfiguration } from './haproxy-configuration.ts';

const place = { address: '127.80.0.5', port: 8080 };
const web = [{ name: 'task-1', address: '127.80.0.31', port: 8080 }];
const service = (name: string, priority: number, others: Partial<RoutedService> = {}): RoutedService => ({
  ...{ name, priority, healthPath: '/healthz' },
  backends: [{ name: `${name}-1`, address: '127.80.0.100', port: 9000 }],
  ...others,
});
const render = (routed: readonly RoutedService[] = []) =>
  renderHaproxyConfiguration({ ...place, backends: web, routed }).split('\n');
/** The lines that select a backend, in the order in which HAProxy evaluates them. */
const rules = (lines: readonly string[]) => lines.filter((line) => /^ {2}(use|default)_backend /.test(line));

describe('The rules of the load balancer', () => {
  test('are evaluated by priority, in any order of the services, and web gets the rest', () => {
    const routed = [
      service('reports', 300, { paths: ['/reports/*'] }),
      service('tables', 20, { hosts: ['tables.example.com'] }),
      service('albums', 4000, { hosts: ['a.example.com'], paths: ['/albums'] }),
    ];
    const expected = ['tables', 'reports', 'albums'].map((name) => `service-${name}`);
    for (const order of [routed, routed.toReversed()]) {
      const named = rules(render(order)).map((line) => line.trim().split(' ')[1]);
      expect(named).toEqual([...expected, 'tasks']);
    }
  });

  test('require one of the hosts and one of the paths', () => {
    const hosts = ['a.example.com', 'b.example.com'];
    const [rule] = rules(render([service('both', 2, { hosts, paths: ['/x', '/y'] })]));
    expect(rule).toBe(
      String.raw`  use_backend service-both if { req.hdr(host),host_only -m reg -i '^a\x2eexample\x2ecom$' '^b\x2eexample\x2ecom$' } { path -m reg '^/x$' '^/y$' }`,
    );
  });

  test('do not exist without other services', () => {
    expect(rules(render())).toEqual(['  default_backend tasks']);
  });

  test('route only to the tasks of the service, whose health is checked at its own path', () => {
    const lines = render([service('reports', 2, { paths: ['/reports/*'], healthPath: '/reports/healthz' })]);
    const backend = lines.slice(lines.indexOf('backend service-reports'));
    expect(backend.filter((line) => line.startsWith('  server '))).toEqual([
      '  server reports-1 127.80.0.100:9000',
    ]);
    expect(backend.find((line) => line.startsWith('  http-check send'))).toContain("uri '/reports/healthz' ");
    const others = lines.slice(0, lines.indexOf('backend service-reports'));
    expect(others.filter((line) => line.startsWith('  server '))).toEqual([
      '  server task-1 127.80.0.31:8080',
    ]);
    expect(others.find((line) => line.startsWith('  http-check send'))).toContain("uri '/healthz' ");
  });
});

describe('A pattern', () => {
  /** The regular expression in HAProxy's configuration for a path pattern. */
  const expressionOf = (pattern: string): RegExp => {
    const [rule = ''] = rules(render([service('one', 2, { paths: [pattern] })]));
    return new RegExp(/'(.*)'/.exec(rule)?.[1] ?? 'none');
  };
  const signs = [...`aZ0_.$/~"'@:+&-`];
  const path = (of: readonly string[]) =>
    fc.array(fc.constantFrom(...of), { maxLength: 8 }).map((letters) => `/${letters.join('')}`);

  test.each([
    ['/reports/*', ['/reports/', '/reports/a/b'], ['/reports', '/a/reports/b']],
    ['/?/x', ['/a/x'], ['//x/', '/ab/x', '/x']],
    ['*.png', ['/a.png', '/b/c.png'], ['/apng', '/a.png/']],
    ["/it's.$5", ["/it's.$5"], ["/it's-$5", '/its.$5']],
  ])('%s', (pattern, fitting, others) => {
    const expression = expressionOf(pattern);
    for (const text of fitting) expect(text).toMatch(expression);
    for (const text of others) expect(text).not.toMatch(expression);
  });

  test('matches the same paths as the comparison of routes', () => {
    fc.assert(
      fc.property(path([...signs, '*', '*', '?', '?']), path(signs), (pattern, text) => {
        expect(expressionOf(pattern).test(text)).toBe(overlap(pattern, text));
      }),
      { numRuns: 2000 },
    );
  });
});
