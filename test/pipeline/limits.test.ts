import { expect, test } from 'vitest';
import { loadDeployment } from '../../lib/config/index.ts';
import { maximumServices } from '../../lib/config/services.ts';
import { exampleInput, mostServices } from '../infrastructure/example-deployment.ts';
import { exampleDeployment } from '../infrastructure/synthesize.ts';
import type { SynthesizedTemplate } from '../infrastructure/template.ts';
import { overLimits } from './invariants/limits.ts';
import { synthesizePipeline } from './synthesized-pipeline.ts';

const slow = { timeout: 240_000 };

/** All that may be long or many is as long and as many as it may be. */
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

test(
  'everything has room at AWS with the most services, the most environments and the longest names',
  slow,
  () => {
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
    // What is too much is found.
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
      'characters of a setting of an action',
      'inputs of an action',
      'actions of a stage',
      'characters of a variable of a build',
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
  },
);

test('one service more is refused in a sentence', () => {
  const input = structuredClone(exampleInput);
  input.services = { ...mostServices, 'one-too-many': { kind: 'worker' } };
  expect(() => loadDeployment(input)).toThrow(
    `it must be an object of at most ${maximumServices} services: what names them all would not fit into the variables of the pipeline's builds.`,
  );
});
