import { describe, expect, test } from 'vitest';
import { type DeploymentInput, rulePriority } from '../../lib/config/index.ts';
import { wayOfRequests } from '../../local/load-balancer/way-of-requests.ts';
import { exampleDeployment, type Synthesis, synthesize } from './synthesize.ts';
import { all, only, type Resource, resources, type SynthesizedTemplate } from './template.ts';
import { environmentUpdate } from './updates/environment-update.ts';
import { collisions } from './updates/slots.ts';

type Production = DeploymentInput['environments'][number];
type Services = Record<string, object>;

const zone = { id: 'Z0123456789ABCDEFGHIJ', name: 'example.com' };
const hostName = 'music.example.com';
const certificateArn = 'arn:aws:acm:eu-central-1:333333333333:certificate/one';
const byPath = (name: string) => ({
  route: { paths: [`/${name}/*`] },
  healthPath: `/${name}/healthz`,
});
const byHost = (name: string) => ({ route: { hosts: [`${name}.example.com`] } });
const byBoth = {
  ...byPath('reports'),
  route: { hosts: ['music.example.org'], paths: ['/reports/*'] },
};
const byOwn = (values: object = {}) => ({
  loadBalancer: { allowedClients: ['10.0.0.0/8'], hostName: 'tables.example.com', certificateArn, ...values },
});

const known = new Map<string, Synthesis>();
/** Synthesizes production with these services of kind `web`. */
function production(services: Services, change: (environment: Production) => void = () => {}): Synthesis {
  const deployment = exampleDeployment((input) => {
    input.environments = input.environments.slice(1);
    for (const environment of input.environments) {
      environment.network = { natGateways: 1 };
      change(environment);
    }
    input.services = Object.fromEntries(
      Object.entries(services).map(([name, service]) => [name, { kind: 'web' as const, ...service }]),
    );
  });
  const key = JSON.stringify(deployment);
  const synthesis = known.get(key) ?? synthesize(deployment);
  known.set(key, synthesis);
  return synthesis;
}
const stackOf = ({ templates }: Synthesis, service?: string): SynthesizedTemplate => {
  const template = templates.get(`windows-auth-production-service${service ? `-${service}` : ''}`);
  if (!template) throw new Error(`There is no stack of ${service}.`);
  return template;
};
const balancer =
  (values: Partial<Production['loadBalancer']>) =>
  (environment: Production): void => {
    environment.loadBalancer = { ...environment.loadBalancer, ...values };
  };
const blueGreen = (environment: Production): void => {
  environment.service = { deployment: 'blue-green' };
};
const rule = (template: SynthesizedTemplate) => only(template, 'AWS::ElasticLoadBalancingV2::ListenerRule');
const told = (value: unknown, { Parameters = {} }: SynthesizedTemplate): unknown =>
  Parameters[(value as { Ref?: string }).Ref ?? '']?.Default;

describe('A service with a route', () => {
  const two = production({ reports: byBoth, tables: byHost('tables') });
  const reports = stackOf(two, 'reports');

  test("has a rule on web's shared listener, with its conditions and its own priority", () => {
    const { ListenerArn, Priority, Conditions, Actions } = rule(reports);
    expect(told(ListenerArn, reports)).toBe('/windows-auth/production/service/listener-arn');
    expect(Priority).toBe(rulePriority('reports'));
    expect(Conditions).toEqual([
      { Field: 'host-header', HostHeaderConfig: { Values: ['music.example.org'] } },
      { Field: 'path-pattern', PathPatternConfig: { Values: ['/reports/*'] } },
    ]);
    const [[group] = ['']] = resources(reports, 'AWS::ElasticLoadBalancingV2::TargetGroup');
    expect(Actions).toEqual([{ Type: 'forward', TargetGroupArn: { Ref: group } }]);
    expect(rule(stackOf(two, 'tables')).Conditions).toEqual([
      { Field: 'host-header', HostHeaderConfig: { Values: ['tables.example.com'] } },
    ]);
  });

  test('accepts requests and health checks only from the load balancer, on its port', () => {
    const moved = stackOf(production({ reports: { ...byPath('reports'), port: 9000 } }), 'reports');
    const ingress = all(moved, 'AWS::EC2::SecurityGroupIngress');
    const [requests, ...others] = ingress.filter(({ ToPort }) => ToPort !== 1433);
    expect(others).toEqual([]);
    expect(requests).toMatchObject({ FromPort: 9000, ToPort: 9000 });
    const parameter = '/windows-auth/production/service/load-balancer-security-group-id';
    expect(told(requests?.SourceSecurityGroupId, moved)).toBe(parameter);
    const out = all(moved, 'AWS::EC2::SecurityGroupEgress').find(({ ToPort }) => ToPort === 9000);
    expect(told(out?.GroupId, moved)).toBe(parameter);
    const group = only(moved, 'AWS::ElasticLoadBalancingV2::TargetGroup');
    expect(group.HealthCheckPath).toBe('/reports/healthz');
    const { LoadBalancers, ServiceName } = only(moved, 'AWS::ECS::Service');
    expect(LoadBalancers).toMatchObject([{ ContainerName: 'reports', ContainerPort: 9000 }]);
    expect(ServiceName).toBe('windows-auth-production-reports');
    const [{ ContainerDefinitions }] = all(moved, 'AWS::ECS::TaskDefinition') as [Resource['Properties']];
    const own = ContainerDefinitions.find(({ Name }: { Name: string }) => Name === 'reports');
    expect(own.Environment).toContainEqual({ Name: 'PORT', Value: '9000' });
  });

  test("has web's alarms under its own name and for its own target group; a failing deployment is rolled back", () => {
    const names = all(reports, 'AWS::CloudWatch::Alarm').map(({ AlarmName }) => AlarmName);
    for (const name of ['many-errors', 'slow-answers', 'tasks-cannot-serve', 'too-few-tasks', 'no-ticket']) {
      expect(names).toContain(`windows-auth-production-reports-${name}`);
    }
    const { DeploymentConfiguration } = only(reports, 'AWS::ECS::Service');
    expect(DeploymentConfiguration).toMatchObject({
      Alarms: { Enable: true, Rollback: true },
      DeploymentCircuitBreaker: { Enable: true, Rollback: true },
    });
  });

  test("does not affect web's alarms, which count only errors of web's target groups", () => {
    const errors = (template: SynthesizedTemplate) => {
      const alarm = all(template, 'AWS::CloudWatch::Alarm').find(({ AlarmName }) =>
        /production-many-errors$/.test(AlarmName),
      );
      const metrics = alarm?.Metrics as { MetricStat?: { Metric: { Dimensions: { Name: string }[] } } }[];
      return metrics.flatMap(({ MetricStat }) => MetricStat?.Metric.Dimensions.map(({ Name }) => Name) ?? []);
    };
    expect(new Set(errors(stackOf(production({}))))).toEqual(new Set(['LoadBalancer']));
    const shared = errors(stackOf(two));
    expect(shared.filter((name) => name === 'TargetGroup')).toHaveLength(shared.length / 2);
  });

  test('is tested by the integration test through the load balancer, by its name and path', () => {
    const { Environment } = only(stackOf(two), 'AWS::CodeBuild::Project');
    const variable = Environment.EnvironmentVariables.find(
      ({ Name }: { Name: string }) => Name === 'ASKED_SERVICES',
    );
    const written = JSON.stringify(variable.Value).replaceAll('\\"', '"');
    expect(written).toContain('/reports/healthz"');
    expect(written).toContain('"host":"tables.example.com"');
  });

  test('is deployed after web, independently of other services', () => {
    const order = [...two.templates.keys()];
    expect(order.indexOf('windows-auth-production-service')).toBeLessThan(
      order.indexOf('windows-auth-production-service-reports'),
    );
  });
});

describe('The stack of web', () => {
  test.each([
    ['rolling', () => {}],
    ['blue/green', blueGreen],
  ])('has its rule last, and its rules do not change when routes are added: %s', (_, change) => {
    const rules = (services: Services) =>
      all(stackOf(production(services, change)), 'AWS::ElasticLoadBalancingV2::ListenerRule');
    const without = rules({});
    for (const { Priority } of without) expect(Priority).toBe(50_000);
    expect(rules({ reports: byPath('reports') })).toEqual(without);
    expect(rules({ tables: byOwn() })).toEqual(without);
  });

  test("has one DNS record and one certificate for a name, even if a service has paths under web's name", () => {
    const template = stackOf(
      production(
        {
          reports: { ...byPath('reports'), route: { hosts: [hostName], paths: ['/reports/*'] } },
          tables: { ...byPath('tables'), route: { hosts: ['tables.example.com'], paths: ['/tables/*'] } },
          albums: { ...byPath('albums'), route: { hosts: ['tables.example.com'], paths: ['/albums/*'] } },
        },
        balancer({ hostName, hostedZone: zone }),
      ),
    );
    const names = all(template, 'AWS::Route53::RecordSet').map(({ Name }) => Name);
    expect(names.sort()).toEqual([`${hostName}.`, 'tables.example.com.']);
    const certified = all(template, 'AWS::CertificateManager::Certificate').map(
      ({ DomainName }) => DomainName,
    );
    expect(certified.sort()).toEqual([hostName, 'tables.example.com']);
  });

  test('without other services that answer requests is unchanged', () => {
    const worker = exampleDeployment((input) => {
      input.services = { worker: { kind: 'worker' } };
    });
    const alone = synthesize(exampleDeployment()).template('production', 'service');
    expect(synthesize(worker).template('production', 'service')).toEqual(alone);
  });

  test('creates a DNS record and a certificate for each host if there is a zone', () => {
    const routed = { reports: byHost('reports'), tables: { route: { hosts: ['*.t.example.com'] } } };
    const template = stackOf(production(routed, balancer({ hostName, hostedZone: zone })));
    const hosts = ['music.example.com', 'reports.example.com', '*.t.example.com'];
    expect(all(template, 'AWS::CertificateManager::Certificate').map(({ DomainName }) => DomainName)).toEqual(
      hosts,
    );
    expect(all(template, 'AWS::Route53::RecordSet').map(({ Name }) => Name)).toEqual(
      hosts.map((host) => `${host}.`),
    );
    expect(all(template, 'AWS::ElasticLoadBalancingV2::ListenerCertificate')).toHaveLength(2);
  });
});

describe('From the template of a service, the rehearsal reads', () => {
  const way = (services: Services, name: string) => wayOfRequests(stackOf(production(services), name));

  test('the rule and the health check of the tasks', () => {
    expect(way({ reports: byBoth, tables: byHost('tables') }, 'reports')).toEqual({
      healthPath: '/reports/healthz',
      rule: { priority: rulePriority('reports'), hosts: ['music.example.org'], paths: ['/reports/*'] },
    });
    expect(way({ reports: byPath('reports') }, 'reports')?.rule).toEqual({
      ...{ priority: rulePriority('reports'), paths: ['/reports/*'] },
    });
  });

  test('that it has its own load balancer', () => {
    expect(way({ tables: { ...byOwn(), healthPath: '/up' } }, 'tables')).toEqual({
      ...{ healthPath: '/up', rule: undefined },
    });
  });

  test('that it gets no requests', () => {
    const worker = exampleDeployment((input) => {
      input.services = { worker: { kind: 'worker' } };
    });
    expect(wayOfRequests(stackOf(synthesize(worker), 'worker'))).toBeUndefined();
  });

  test('no condition that its load balancer does not support', () => {
    const template = structuredClone(stackOf(production({ reports: byPath('reports') }), 'reports'));
    rule(template).Conditions[0] = { Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.0/8'] } };
    expect(() => wayOfRequests(template)).toThrow(
      'A rule has a condition on source-ip, which is not supported here.',
    );
  });
});

describe('A service with its own load balancer', () => {
  test.each(['internal', 'internet-facing'] as const)('answers by HTTPS, %s', (scheme) => {
    const template = stackOf(production({ tables: byOwn({ scheme }) }), 'tables');
    expect(only(template, 'AWS::ElasticLoadBalancingV2::LoadBalancer').Scheme).toBe(scheme);
    const listeners = all(template, 'AWS::ElasticLoadBalancingV2::Listener');
    expect(listeners.map(({ Port, Protocol }) => [Port, Protocol])).toEqual([
      [80, 'HTTP'],
      [443, 'HTTPS'],
    ]);
    expect(listeners[0]?.DefaultActions[0].Type).toBe('redirect');
    const test = '/windows-auth/production/service/integration-test-security-group-id';
    const ingress = all(template, 'AWS::EC2::SecurityGroupIngress');
    expect(
      ingress.some(
        ({ SourceSecurityGroupId, ToPort }) =>
          ToPort === 443 && told(SourceSecurityGroupId, template) === test,
      ),
    ).toBe(true);
  });
});

describe('Between any two sets of services, no unique identity is used twice', () => {
  const sets: Record<string, Services> = {
    none: {},
    one: { reports: byPath('reports') },
    'another one': { tables: byPath('tables') },
    both: { reports: byPath('reports'), tables: byPath('tables') },
    'both in the other order': { tables: byPath('tables'), reports: byPath('reports') },
    'routes exchanged': {
      reports: { ...byPath('tables') },
      tables: { ...byPath('reports') },
    },
    hosts: { reports: byHost('reports'), tables: byHost('tables') },
    'hosts exchanged': { reports: byHost('tables'), tables: byHost('reports') },
    'one by itself': { reports: byHost('reports'), tables: byOwn() },
  };
  const doors: Record<string, (environment: Production) => void> = {
    'HTTP, internal': () => {},
    'HTTPS with a zone, internet-facing, blue/green': (environment) => {
      blueGreen(environment);
      const values = { scheme: 'internet-facing' as const, hostName, hostedZone: zone };
      balancer({ ...values, allowedClients: ['192.0.2.0/24'] })(environment);
    },
  };
  const pairs = Object.keys(sets).flatMap((from) => Object.keys(sets).map((to) => [from, to] as const));

  test.each(Object.keys(doors))('%s', (door) => {
    const templates = (name: string) => production(sets[name] ?? {}, doors[door]).templates;
    for (const [from, to] of pairs) {
      const update = environmentUpdate(templates(from), templates(to));
      expect(collisions(update), `${from} to ${to}`).toEqual([]);
    }
  });

  test('a violation is found if priorities depend on the order of the list', () => {
    const byOrder = (name: string) =>
      new Map(
        [...production(sets[name] ?? {}).templates].map(([stack, template]) => {
          const text = JSON.stringify(template);
          const place = Object.keys(sets[name] ?? {}).findIndex((service) => stack.endsWith(`-${service}`));
          return [
            stack,
            JSON.parse(place < 0 ? text : text.replace(/"Priority":\d+/, `"Priority":${place + 2}`)),
          ];
        }),
      );
    const update = environmentUpdate(byOrder('both'), byOrder('both in the other order'));
    expect(collisions(update)).toContainEqual(expect.stringContaining('"Priority"'.replaceAll('"', '')));
  });

  test('even if the shared load balancer is replaced', () => {
    const names = Object.keys(doors);
    for (const from of names) {
      for (const to of names) {
        const update = environmentUpdate(
          production(sets.both ?? {}, doors[from]).templates,
          production(sets.both ?? {}, doors[to]).templates,
        );
        expect(collisions(update), `${from} to ${to}`).toEqual([]);
      }
    }
  });
});
