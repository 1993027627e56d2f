import { describe, expect, test } from 'vitest';
import { exampleInput } from '../../test/infrastructure/example-deployment.ts';
import { type DeploymentInput, loadDeployment } from './index.ts';

const zone = { id: 'Z0123456789ABCDEFGHIJ', name: 'example.com' };
const other = { id: 'Z9876543210ABCDEFGHIJ', name: 'example.com' };
const allowedClients = ['10.0.0.0/8'];
const routed = (host: string) => ({ reports: { route: { hosts: [host] } } });
const alone = (hostName: string, hostedZone = zone) => ({
  reports: { loadBalancer: { allowedClients, hostName, hostedZone } },
});

/** The messages about two environments with these services, of kind `web`, and different host names in these zones. */
function said(
  services: object,
  { zones = [zone, zone], overrides = [{}, {}] }: { zones?: (typeof zone)[]; overrides?: object[] } = {},
): string[] {
  const input = structuredClone(exampleInput);
  for (const [index, environment] of input.environments.entries()) {
    const hostName = `${environment.name}.example.com`;
    Object.assign(environment.loadBalancer, { hostName, hostedZone: zones[index] });
    Object.assign(environment, { services: overrides[index] });
  }
  input.services = Object.fromEntries(
    Object.entries(services).map(([name, service]) => [name, { kind: 'web', ...service }]),
  ) as DeploymentInput['services'] & object;
  try {
    loadDeployment(input);
    return [];
  } catch (error) {
    return (error as Error).message.split('\n');
  }
}
const sentence = (path: string, host: string) => [
  `deployment.${path} is "${host}": it must be a name of its own: staging has it in the same hosted zone.`,
];

describe('A name in a hosted zone for which two environments would create a record is refused:', () => {
  test.each<[string, Parameters<typeof said>, string, string]>([
    [
      'of a route of all environments',
      [routed('reports.example.com')],
      'services.reports.route.hosts[0]',
      'reports.example.com',
    ],
    [
      'of a pattern',
      [routed('*.reports.example.com')],
      'services.reports.route.hosts[0]',
      '*.reports.example.com',
    ],
    [
      'that an environment has for another service',
      [
        { ...routed('a.example.com'), tables: { route: { hosts: ['b.example.com'] } } },
        {
          overrides: [
            {},
            {
              reports: { route: { hosts: ['b.example.com'] } },
              tables: { route: { hosts: ['c.example.com'] } },
            },
          ],
        },
      ],
      'environments[1].services.reports.route.hosts[0]',
      'b.example.com',
    ],
    [
      'of a load balancer of its own',
      [alone('reports.example.com')],
      'services.reports.loadBalancer.hostName',
      'reports.example.com',
    ],
    [
      'of web in an earlier environment',
      [routed('a.example.com'), { overrides: [{}, routed('staging.example.com')] }],
      'environments[1].services.reports.route.hosts[0]',
      'staging.example.com',
    ],
  ])('%s', (_, given, path, host) => {
    expect(said(...given)).toEqual(sentence(path, host));
  });

  test('but separate zones, or different names, are accepted', () => {
    expect(said(routed('reports.example.com'), { zones: [zone, other] })).toEqual([]);
    expect(said(routed('a.example.com'), { overrides: [{}, routed('b.example.com')] })).toEqual([]);
    expect(said(alone('a.example.com'), { overrides: [{}, alone('a.example.com', other)] })).toEqual([]);
  });

  test("a route on web's own host name uses web's record", () => {
    const service = {
      route: { hosts: ['staging.example.com'], paths: ['/reports/*'] },
      healthPath: '/reports/h',
    };
    const production = { reports: { route: { hosts: ['production.example.com'], paths: ['/reports/*'] } } };
    expect(said({ reports: service }, { overrides: [{}, production] })).toEqual([]);
  });
});

test('more names than a load balancer allows certificates are refused', () => {
  const hosts = (index: number) => Array.from({ length: 5 }, (_, n) => `s${index}-${n}.example.com`);
  const services = Object.fromEntries(
    Array.from({ length: 6 }, (_, index) => [`service-${index}`, { route: { hosts: hosts(index) } }]),
  );
  const { 'service-5': _, ...five } = services;
  expect(said(five, { zones: [zone, other] })).toEqual([]);
  const told = said(services, { zones: [zone, other] });
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(
    /^deployment\.services\.service-5\.route\.hosts is .*: it must be a list with which there are at most 25 names in all/,
  );
});
