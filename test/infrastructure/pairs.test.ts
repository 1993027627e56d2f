import { afterAll, describe, expect, test } from 'vitest';
import { refusedInStack } from '../../lib/programs/changes/refusals.ts';
import { configurationKeys } from './configuration-keys.ts';
import { guardedTypes } from './replacements.ts';
import { exampleDeployment, type Synthesis, synthesize } from './synthesize.ts';
import type { Resource } from './template.ts';
import type { Change, EnvironmentInput } from './updates/answer.ts';
import { answers, elsewhere, ofIdentity, ofThePipeline } from './updates/answers.ts';
import { environmentUpdate } from './updates/environment-update.ts';
import { collisions } from './updates/slots.ts';

const known = new Map<string, Synthesis>();
afterAll(() => known.clear());

/** The templates of production after these changes; each set of changes is synthesized once. */
function production(...changes: Change[]): Synthesis['templates'] {
  const deployment = exampleDeployment((input) => {
    input.environments = input.environments.filter(({ name }) => name === 'production');
    for (const environment of input.environments) {
      delete environment.approvals;
      for (const change of changes) change(environment, input);
    }
  });
  const key = JSON.stringify(deployment);
  const synthesis = known.get(key) ?? synthesize(deployment);
  known.set(key, synthesis);
  return synthesis.templates;
}

type Templates = Synthesis['templates'];

const refusals = (before: Templates, after: Templates) =>
  [...after].flatMap(([name, template]) => refusedInStack(before.get(name), template));

/** Problems of an update: a unique identity used twice, or the loss of a resource with data or identity. */
function faults(before: Templates, after: Templates, beside: readonly string[] = []): string[] {
  const update = environmentUpdate(before, after);
  const anew = new Set(update.after.map(({ name }) => name));
  const lost = update.leaving
    .filter(({ type }) => guardedTypes.includes(type))
    .filter(
      ({ name, type, resource }) => !(beside.includes(type) && stays(resource, anew.has(`${name} (new)`))),
    )
    .map(({ name }) => `${name} would be lost.`);
  return [...collisions(update), ...lost];
}

/** Whether CloudFormation retains the old resource when it is replaced or removed from the template. */
function stays({ DeletionPolicy = '', UpdateReplacePolicy = '' }: Resource, isReplaced: boolean): boolean {
  return (isReplaced ? UpdateReplacePolicy : DeletionPolicy).startsWith('Retain');
}

const newTasks = (before: Templates, after: Templates) =>
  environmentUpdate(before, after).leaving.some(
    // The doctor has no running tasks, because it is started by hand.
    ({ type, properties }) =>
      type === 'AWS::ECS::TaskDefinition' && !/-doctor$/.test(String(properties.Family)),
  );

describe('Every key of the configuration', () => {
  test('has an answer', () => {
    const keys = Object.keys(answers).map((key) => key.split(/,? (from|to) /)[0]);
    const answered = [...new Set(keys), ...Object.keys(ofThePipeline), ...ofIdentity, ...elsewhere];
    expect(
      answered.sort(),
      'in test/infrastructure/updates/: describe there what a change of the key means',
    ).toEqual([...new Set(configurationKeys())].sort());
  });

  test('that only affects the pipeline changes no stack of an environment', () => {
    const given: Change = (_, deployment) => {
      deployment.runbookUrl = 'https://example.com/runbook';
    };
    expect(production(given, ...Object.values(ofThePipeline))).toEqual(production(given));
  });
});

describe('A change of the key', () => {
  for (const [key, answer] of Object.entries(answers)) {
    const { change, given = () => {}, outcome, back = outcome, tasks = false, beside } = answer;
    const { refusal = `${key} is for life` } = answer;
    test(`${key} is ${outcome}, and ${back} in the other direction`, () => {
      const [before, after] = [production(given), production(given, change)];
      expect(after).not.toEqual(before);
      for (const [from, to, expected] of [
        [before, after, outcome],
        [after, before, back],
      ] as const) {
        if (expected === 'refused') {
          expect(refusals(from, to)).toContainEqual(expect.stringContaining(refusal));
          continue;
        }
        expect(refusals(from, to)).toEqual([]);
        expect(faults(from, to, beside)).toEqual([]);
        expect(newTasks(from, to)).toBe(tasks);
      }
    });
  }
});

describe('Between any two common variants of services', () => {
  const hostName = 'music.example.com';
  const doors: Record<string, Partial<EnvironmentInput['loadBalancer']>> = {
    HTTP: {},
    'HTTPS with a certificate': {
      hostName,
      certificateArn: 'arn:aws:acm:eu-central-1:333333333333:certificate/one',
    },
    'HTTPS with a zone': { hostName, hostedZone: { id: 'Z0123456789ABCDEFGHIJ', name: 'example.com' } },
  };
  const services = (['rolling', 'blue-green'] as const).flatMap((deployment) =>
    (['internal', 'internet-facing'] as const).flatMap((scheme) =>
      Object.entries(doors).map(([door, values]): [string, Change] => [
        `${deployment}, ${scheme}, ${door}`,
        (environment) => {
          environment.network = { natGateways: 1 };
          environment.service = { deployment };
          environment.loadBalancer = { scheme, allowedClients: ['192.0.2.0/24'], ...values };
        },
      ]),
    ),
  );

  test.each(services)('from %s to each of the others', (_, from) => {
    const before = production(from);
    for (const [name, to] of services) expect(faults(before, production(to)), name).toEqual([]);
  });
});
