import { expect, test } from 'vitest';
import { loadDeployment } from '../../lib/config/index.ts';
import { maximumServices } from '../../lib/config/services.ts';
import { exampleInput, mostServices } from '../infrastructure/example-deployment.ts';
import { exampleDeployment } from '../infrastructure/synthesize.ts';
import type { SynthesizedTemplate } from '../infrastructure/template.ts';
import { overLimits } from './invariants/limits.ts';
import { synthesizePipeline } from './synthesized-pipeline.ts';

/** Every length and number is the largest that the configuration allows. */
const largest = exampleDeployment((input) => {
  input.name = 'a-name-of-20-letters';
  input.tools.region = 'ap-southeast-1';
  input.services = mostServices;
  const [staging] = input.environments;
  if (!staging) throw new Error('The example has an environment.');
  input.source = {
    type: 'connection',
    connectionArn:
      'arn:aws:codeconnections:ap-southeast-1:111111111111:connection/00000000-0000-0000-0000-000000000000',
    repository: `${'a'.repeat(39)}/${'b'.repeat(50)}`,
    branch: 'main',
  };
  input.environments = Array.from({ length: 5 }, (_, index) => ({
    ...staging,
    name: `environment${index}`,
    account: `${index + 2}`.repeat(12),
    region: 'ap-southeast-1',
    database: { identifier: `environment${index}` },
    approvals: { beforeEnvironment: true, beforeDatabase: true, beforeService: true },
  }));
});

test('the most services, the most environments and the longest names stay within the limits of AWS', () => {
  const synthesized = synthesizePipeline(largest);
  expect(overLimits(synthesized)).toEqual([]);
  const all = [...synthesized.templates];
  const changed = (change: (template: SynthesizedTemplate, stack: string) => void) => ({
    templates: new Map(
      all.map(([stack, template]) => {
        const copy = structuredClone(template);
        change(copy, stack);
        return [stack, copy];
      }),
    ),
  });
  // Exceeded limits are found.
  const large = changed(({ Resources }) => {
    for (const { Type, Properties } of Object.values(Resources)) {
      if (Type === 'AWS::CodePipeline::Pipeline') {
        const [, build] = Properties.Stages;
        const synth = build.Actions.find(({ Name }: { Name: string }) => Name === 'Synth');
        synth.Configuration.EnvironmentVariables += ' '.repeat(1000);
        synth.InputArtifacts.push(...Array(5).fill(synth.InputArtifacts[0]));
        build.Actions.push(...Array(50).fill(synth));
      }
      if (Type === 'AWS::CodeBuild::Project')
        for (const variable of Properties.Environment.EnvironmentVariables ?? [])
          if (variable.Name === 'RUNNING_SERVICES') variable.Value += ` ${variable.Value}`;
    }
  });
  const found = overLimits(large);
  for (const what of [
    'characters of an action setting',
    'inputs of an action',
    'actions of a stage',
    'characters of a build variable',
  ])
    expect(found).toContainEqual(expect.stringContaining(what));
  const open = changed(({ Resources }, stack) => {
    if (!stack.includes('-service-')) return;
    for (const [id, resource] of Object.entries(Resources)) {
      if (resource.Type !== 'AWS::EC2::SecurityGroupIngress') continue;
      for (let index = 0; index < 6; index++) Object.assign(Resources, { [`${id}${index}`]: resource });
    }
  });
  expect(overLimits(open)).toContainEqual(
    expect.stringMatching(/database\/security-group-id: \d+ rules \(Ingress\)/),
  );
});

const long = (text: string, length: number) => `${text}${'x'.repeat(length)}`.slice(0, length);

/** A host in the zone example.com of the greatest length that a certificate allows. */
const hostOf = (index: number, part: number) =>
  `${long(`host-${index}-${part}-`, 64 - '.example.com'.length)}.example.com`;
const clients = Array.from({ length: 20 }, (_, index) => `192.0.${index}.0/24`);
const zone = { id: 'Z0123456789ABCDEFGHIJ', name: 'example.com' };

/** One environment with only web services: half share its load balancer, half have their own. */
const answering = (way: 'hosts' | 'paths') =>
  exampleDeployment((input) => {
    input.name = 'a-name-of-20-letters';
    const [staging] = input.environments;
    if (!staging) throw new Error('The example has an environment.');
    input.environments = [staging];
    Object.assign(staging, {
      name: 'environment0',
      network: { zones: ['a', 'b', 'c'], natGateways: 3 },
      service: { deployment: 'blue-green', maximumTasks: 200 },
      loadBalancer: {
        scheme: 'internet-facing',
        allowedClients: clients,
        hostName: `${long('music-', 64 - '.example.com'.length)}.example.com`,
        hostedZone: zone,
      },
    });
    input.services = Object.fromEntries(
      Array.from({ length: maximumServices }, (_, index) => {
        const five = [0, 1, 2, 3, 4];
        const healthPath = way === 'paths' ? long(`/${index}-0/`, 128) : long('/', 128);
        const route =
          way === 'hosts'
            ? { hosts: five.map((part) => hostOf(index, part)) }
            : { paths: five.map((part) => long(`/${index}-${part}/`, 127) + (part === 0 ? '*' : 'y')) };
        const own = {
          scheme: 'internet-facing',
          allowedClients: clients,
          hostName: hostOf(index, 9),
          hostedZone: zone,
        };
        return [
          `a-service-${String(index).padStart(2, '0')}`,
          {
            kind: 'web',
            maximumTasks: 200,
            healthPath,
            ...(index % 2 === 0 ? { route } : { loadBalancer: own }),
          },
        ];
      }),
    ) as typeof input.services;
  });

test.each(['hosts', 'paths'] as const)(
  'web services with the most %s in their routes stay within the limits of AWS',
  (way) => {
    const synthesized = synthesizePipeline(answering(way));
    expect(overLimits(synthesized)).toEqual([]);
    const more = new Map(
      [...synthesized.templates].map(([stack, template]) => {
        const copy = structuredClone(template);
        const added: Record<string, unknown> = copy.Resources;
        for (const [id, resource] of Object.entries(copy.Resources)) {
          const { Conditions } = resource.Properties ?? {};
          if (!/ListenerRule$|ListenerCertificate$/.test(resource.Type)) continue;
          for (let index = 0; index < 30; index++) added[`${id}${index}`] = resource;
          for (const { HostHeaderConfig, PathPatternConfig } of Conditions ?? [])
            (HostHeaderConfig ?? PathPatternConfig)?.Values.push('******');
        }
        return [stack, copy];
      }),
    );
    // Exceeded limits are found.
    const found = overLimits({ templates: more });
    for (const what of [
      'condition values of a listener rule',
      'wildcards of a listener rule',
      /rules, and AWS takes 100$/,
    ])
      expect(found).toContainEqual(expect.stringMatching(what));
    if (way === 'hosts')
      expect(found).toContainEqual(
        expect.stringContaining('certificates of a listener in addition to its first'),
      );
  },
);

test('services are refused if their addresses would not fit into the variable for the integration test', () => {
  const input = structuredClone(exampleInput);
  const services = (character: string) =>
    Object.fromEntries(
      Array.from({ length: maximumServices }, (_, index) => [
        `a-service-${String(index).padStart(2, '0')}`,
        {
          kind: 'web',
          healthPath: `/${character.repeat(127)}`,
          route: { hosts: [`${long(`${index}`, 116)}.example.com`] },
        },
      ]),
    ) as typeof input.services;
  input.services = services('x');
  expect(() => loadDeployment(input)).not.toThrow();
  // JSON escapes each of these, so it takes two characters.
  input.services = services('"');
  expect(() => loadDeployment(input)).toThrow(
    /healthPath is .* it must be shorter, or a host of its route: the addresses .* have \d{4} characters, and CodeBuild allows 4096 in a variable/,
  );
});

test('one service more than the limit is refused with a message', () => {
  const input = structuredClone(exampleInput);
  input.services = { ...mostServices, 'one-too-many': { kind: 'worker' } };
  expect(() => loadDeployment(input)).toThrow(
    `it must be an object of at most ${maximumServices} services: the names of more would not fit into the variables of the pipeline's builds.`,
  );
});
