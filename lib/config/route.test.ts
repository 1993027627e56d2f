import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exampleInput } from '../../test/infrastructure/example-deployment.ts';
import { type DeploymentInput, loadDeployment, rulePriority, webPriority } from './index.ts';
import { exampleOf, overlap, routesOverlap } from './route.ts';

const matches = (pattern: string, text: string) =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.$+/]/g, '\\$&')
      .replaceAll('?', '.')
      .replaceAll('*', '.*')}$`,
    's',
  ).test(text);

describe('Patterns', () => {
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '?'), maxLength: 6 });
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 6 });

  test('overlap whenever a text matches both', () => {
    fc.assert(
      fc.property(pattern, pattern, text, (one, other, fitting) => {
        if (matches(one, fitting) && matches(other, fitting)) expect(overlap(one, other)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('overlap with a text exactly if it matches, and with their own example', () => {
    fc.assert(
      fc.property(pattern, text, (one, fitting) => {
        expect(overlap(one, fitting)).toBe(matches(one, fitting));
        expect(overlap(fitting, one)).toBe(matches(one, fitting));
        expect(matches(one, exampleOf(one))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['/reports/*', '/tables/*', false],
    ['/reports/*', '/reports', false],
    ['/reports*', '/reports/*', true],
    ['*.png', '/reports/*', true],
    ['/a?c', '/ab*', true],
    ['/a?', '/a', false],
    ['*.example.com', 'a.example.org', false],
    ['*.example.com', 'example.com', false],
  ])('%s and %s: %s', (one, other, expected) => {
    expect(overlap(one, other)).toBe(expected);
    expect(overlap(other, one)).toBe(expected);
  });

  test('of routes overlap in hosts and paths; without hosts or paths, a route matches all of them', () => {
    const [reports, tables] = [{ hosts: ['a.example.com'] }, { hosts: ['b.example.com'] }];
    expect(routesOverlap(reports, tables)).toBe(false);
    expect(routesOverlap({ ...reports, paths: ['/a'] }, { ...reports, paths: ['/b'] })).toBe(false);
    expect(routesOverlap(reports, { paths: ['/b'] })).toBe(true);
    expect(routesOverlap(reports, { hosts: ['*.example.com'] })).toBe(true);
  });
});

test("a rule's priority follows from the service's name, and is never web's", () => {
  // Fixed values: a release with other priorities would move existing rules.
  expect(['reports', 'tables'].map(rulePriority)).toEqual([36_307, 46_681]);
  fc.assert(
    fc.property(fc.string(), (name) => {
      const priority = rulePriority(name);
      expect(Number.isInteger(priority)).toBe(true);
      expect(priority).toBeGreaterThan(1);
      expect(priority).toBeLessThan(webPriority);
    }),
  );
  expect(webPriority).toBe(50_000);
});

const zone = { id: 'Z0123456789ABCDEFGHIJ', name: 'example.com' };
const certificateArn = 'arn:aws:acm:eu-central-1:222222222222:certificate/one';
const own = { allowedClients: ['10.0.0.0/8'], hostName: 'reports.example.com', certificateArn };
type Staging = DeploymentInput['environments'][number];

/** The messages about an example with one environment and these services. */
function said(services: Record<string, object>, staging: Partial<Staging> | Record<string, unknown> = {}) {
  const input = structuredClone(exampleInput);
  input.environments = input.environments
    .slice(0, 1)
    .map((environment) => ({ ...environment, ...staging }) as Staging);
  input.services = Object.fromEntries(
    Object.entries(services).map(([name, service]) => [name, { kind: 'web' as const, ...service }]),
  );
  try {
    loadDeployment(input);
    return [];
  } catch (error) {
    return (error as Error).message.split('\n');
  }
}
const routed = (route: object, others: object = {}) => ({ reports: { route, ...others } });
const balancer = (values: object) => ({
  loadBalancer: { scheme: 'internal', allowedClients: ['10.0.0.0/8'], ...values },
});
const withZone = balancer({ hostName: 'music.example.com', hostedZone: zone });

describe('Valid values are accepted', () => {
  test.each<[string, ReturnType<typeof routed>, object?]>([
    ['hosts', routed({ hosts: ['reports.example.com'] })],
    ['as many as a rule allows', routed({ hosts: ['a.b', 'c.d'], paths: ['/1*', '/2*', '/healthz'] })],
    ['five wildcards', routed({ paths: ['/a*b*c*d*?'] }, { healthPath: '/abcdx' })],
    [
      'every character that a path allows',
      routed({ paths: ['/a_-.$/~"\'@:+&1'] }, { healthPath: '/a_-.$/~"\'@:+&1' }),
    ],
    ['a long path', routed({ paths: [`/${'a'.repeat(126)}*`] }, { healthPath: `/${'a'.repeat(126)}` })],
    ['names in the zone', routed({ hosts: ['reports.example.com', '*.r.example.com'] }), withZone],
    [
      "a path of web's host name",
      routed({ hosts: ['music.example.com'], paths: ['/reports/*'] }, { healthPath: '/reports/healthz' }),
      withZone,
    ],
    ['a load balancer of its own', { reports: { route: undefined, loadBalancer: own } as never }],
  ])('%s', (_, services, staging) => {
    expect(said(services, staging)).toEqual([]);
  });
});

describe('One sentence reports', () => {
  const path = 'deployment.services.reports';
  const five = ['a.b', 'c.d', 'e.f', 'g.h', 'i.j'];
  const reports = { route: { paths: ['/reports/*'] }, healthPath: '/reports/healthz' };
  test.each<[string, Record<string, object>, string, object?]>([
    ['no way', { reports: {} }, `${path}.route is missing: it must be given, or loadBalancer`],
    [
      'two ways',
      { reports: { ...reports, loadBalancer: own } },
      'it must be left out where loadBalancer is given',
    ],
    ['an empty route', routed({}), `${path}.route is {}: it must be an object with hosts, paths or both.`],
    ['no host', routed({ hosts: [] }), 'it must be a list of 1 to 5 host names.'],
    ['six hosts', routed({ hosts: [...five, 'k.l'] }), 'it must be a list of 1 to 5 host names.'],
    ['six values', routed({ hosts: five, paths: ['/a'] }), 'at most 5 hosts and paths in all'],
    ['six wildcards', routed({ paths: ['/a*b*c*', '/???'] }), 'at most 5 of the characters * and ? in all'],
    ['a host twice', routed({ hosts: ['a.b', 'a.b'] }), 'each given once'],
    [
      'a host without a dot',
      routed({ hosts: ['reports'] }),
      `${path}.route.hosts[0] is "reports": it must be a host name`,
    ],
    ['a host with digits last', routed({ hosts: ['10.0.0.1'] }), 'it must be a host name'],
    ['a host that ends with any letters', routed({ hosts: ['reports.*'] }), 'it must be a host name'],
    [
      'a host in capitals',
      routed({ hosts: ['Reports.example.com'] }),
      'it must be a host name in lower-case letters',
    ],
    ['a host that is too long', routed({ hosts: [`${'a.'.repeat(64)}com`] }), 'of at most 128 characters'],
    [
      'a path without a slash',
      routed({ paths: ['reports/*'] }),
      'it must be a path of at most 128 characters that begins with "/"',
    ],
    ['a path with a blank', routed({ paths: ['/re ports'] }), 'it must be a path'],
    ['a path with a query', routed({ paths: ['/reports#x'] }), 'it must be a path'],
    ['a path that is too long', routed({ paths: [`/${'a'.repeat(128)}`] }), 'it must be a path'],
    [
      'a health path outside of the route',
      routed({ paths: ['/reports/*'] }),
      `${path}.healthPath is "/healthz": it must be a path of its route (/reports/*)`,
    ],
    [
      'all paths',
      routed({ paths: ['/*'] }),
      `${path}.route is {"paths":["/*"]}: it must be a route that leaves load-balancer.eu-central-1.elb.amazonaws.com/ to web`,
    ],
    [
      "web's own path",
      routed({ paths: ['/api/*', '/healthx'] }, { healthPath: '/healthx' }),
      'amazonaws.com/api/albums to web',
    ],
    [
      "web's name",
      routed({ hosts: ['music.example.com'] }),
      'it must be a route that leaves music.example.com/ to web',
      withZone,
    ],
    [
      "a pattern of web's name",
      routed({ hosts: ['*.example.com'] }),
      'it must be a route that leaves music.example.com/ to web',
      withZone,
    ],
    [
      'a name outside of the zone',
      routed({ hosts: ['reports.example.org'] }),
      `${path}.route.hosts[0] is "reports.example.org": it must be a name of at most 64 characters in the hosted zone example.com`,
      withZone,
    ],
    [
      'a pattern that no certificate covers',
      routed({ hosts: ['r*.example.com'] }),
      'or "*." and one, for which a record and a certificate are made',
      withZone,
    ],
    [
      'a name in the domain',
      routed({ hosts: ['reports.corp.example.com'] }),
      'it must be a name outside of the domain corp.example.com',
    ],
    [
      'the same route',
      { tables: reports, reports },
      `${path}.route is {"paths":["/reports/*"]}: it must be a route of its own: tables gets some of these requests, too.`,
    ],
    [
      'a route that overlaps another',
      { tables: { route: { paths: ['/reports/t*'] }, healthPath: '/reports/t' }, reports },
      'tables gets some of these requests, too.',
    ],
    [
      'a host for any path, and a path for any host',
      { tables: { route: { hosts: ['tables.example.com'] } }, reports },
      'too; with hosts in both routes, they could be distinguished.',
    ],
    [
      'a privileged port',
      { reports: { ...reports, port: 80 } },
      `${path}.port is 80: it must be a port: a whole number from 1024 to 65535`,
    ],
    [
      'a maximum of tasks below the minimum',
      { reports: { ...reports, minimumTasks: 3, maximumTasks: 2 } },
      `${path}.maximumTasks is 2: it must be at least minimumTasks (3).`,
    ],
    [
      'a variable that the stack sets',
      { reports: { ...reports, variables: { PORT: '1' } } },
      `${path}.variables.PORT is "1": it must be named otherwise`,
    ],
    [
      'a balancer without a name',
      { reports: { loadBalancer: { allowedClients: ['10.0.0.0/8'] } } },
      `${path}.loadBalancer.hostName is missing: it must be given with a load balancer of its own`,
    ],
    [
      'a certificate of another region',
      { reports: { loadBalancer: { ...own, certificateArn: certificateArn.replace('central', 'west') } } },
      `${path}.loadBalancer.certificateArn is`,
    ],
    [
      'a public balancer that tests cannot reach',
      { reports: { loadBalancer: { ...own, scheme: 'internet-facing' } } },
      `${path}.loadBalancer.scheme is "internet-facing": it must be "internal", or network.natGateways must be at least 1`,
    ],
    [
      "a balancer by web's name",
      { reports: { loadBalancer: { ...own, hostName: 'music.example.com' } } },
      'it must be a name of its own: web has it',
      withZone,
    ],
    [
      'a balancer by the name of a route',
      { tables: { route: { hosts: ['reports.example.com'] } }, reports: { loadBalancer: own } },
      'it must be a name of its own: tables has it',
    ],
    [
      'a balancer in the domain',
      { reports: { loadBalancer: { ...own, hostName: 'r.corp.example.com' } } },
      'it must be a name outside of the domain corp.example.com',
    ],
  ])('%s', (_, services, sentence, staging) => {
    const lines = said(services, staging);
    expect(lines.join('\n')).toContain(sentence);
    expect(lines).toHaveLength(1);
  });
});

test("an environment's route or load balancer replaces the deployment's", () => {
  const services = { reports: { route: { hosts: ['reports.example.com'] } } };
  expect(said(services, { services: { reports: { loadBalancer: own } } })).toEqual([]);
  expect(said({ reports: { loadBalancer: own } }, { services: { reports: services.reports } })).toEqual([]);
  expect(said(services, { services: { reports: { port: 80 } } })[0]).toContain(
    'deployment.environments[0].services.reports.port is 80',
  );
});

test('other problems of an environment are still reported', () => {
  const lines = said({ reports: { loadBalancer: own } }, balancer({ allowedClients: [] }));
  expect(lines).toEqual([expect.stringMatching(/loadBalancer\.allowedClients is \[\]: it must be/)]);
});
