import { describe, expect, test } from 'vitest';
import { readBuildspec } from '../../../lib/constructs/common/buildspec-file.ts';
import type { Pipeline } from '../../../local/pipeline/pipeline.ts';
import { exampleDeployment } from '../../infrastructure/synthesize.ts';
import { all, type SynthesizedTemplate } from '../../infrastructure/template.ts';
import { orderOf, place } from '../invariants/order.ts';
import {
  type ToldBuild,
  unreadVariables,
  unsetVariables,
  untoldVariables,
} from '../invariants/told-variables.ts';
import { synthesizePipeline } from '../synthesized-pipeline.ts';
import { variant, variants } from '../variants.ts';

/** Those of the pipeline's actions, and the one that starts by itself. */
function buildsOf(pipeline: Pipeline, template: SynthesizedTemplate): ToldBuild[] {
  const [daily] = all(template, 'AWS::CodeBuild::Project').filter(({ Name }) =>
    /-recheck-images$/.test(Name),
  );
  const variables: { Name: string }[] = daily?.Environment.EnvironmentVariables ?? [];
  return [
    ...orderOf(pipeline).builds.map((build) => ({ ...build, name: place(build) })),
    {
      name: 'recheck-images',
      environment: Object.fromEntries(variables.map((variable) => [variable.Name, variable])),
      buildspec: readBuildspec('recheck-images'),
    },
  ];
}

const ofOthers = () =>
  synthesizePipeline(
    exampleDeployment((input) => {
      const uri = `444444444444.dkr.ecr.eu-central-1.amazonaws.com/imports@sha256:${'e'.repeat(64)}`;
      input.services = { imports: { kind: 'worker', image: { uri } } };
    }),
  );
const pipelines = {
  ...Object.fromEntries(Object.keys(variants).map((name) => [name, () => variant(name)])),
  'a service whose image others have built': ofOthers,
};

describe.each(Object.entries(pipelines))('In the pipeline of %s', (_, synthesized) => {
  const { pipeline, template } = synthesized();

  test('the programs of a build read all that it is told', () => {
    expect(buildsOf(pipeline, template).flatMap(unreadVariables)).toEqual([]);
  });

  test('commands read what the build is told, or set it', () => {
    expect(buildsOf(pipeline, template).flatMap(untoldVariables)).toEqual([]);
  });

  test('a build exports what it says, and what others use', () => {
    expect(unsetVariables(pipeline)).toEqual([]);
  });
});

describe('A slip in a name of a build is seen:', () => {
  const { pipeline, template } = variant('the example');
  const builds = buildsOf(pipeline, template);
  const told = builds.flatMap((build) => Object.keys(build.environment).map((key) => [build, key] as const));

  test('what it is told', () => {
    expect(told.length).toBeGreaterThan(50);
    for (const [build, key] of told) {
      expect(unreadVariables({ ...build, environment: { [`${key}X`]: '' } })).toEqual([
        `${build.name} is told ${key}X, which nothing in it reads`,
      ]);
    }
  });

  test('what its commands read', () => {
    expect(builds.some((build) => JSON.stringify(build).includes('$IMAGE_TAG'))).toBe(true);
    for (const build of builds) {
      const text = JSON.stringify(build);
      const read = new Set(text.match(/\$IMAGE_\w+|\$SERVICE\b|\$\w+_STACKS\b/g));
      for (const variable of read) {
        const slipped: ToldBuild = JSON.parse(text.replaceAll(`${variable}`, () => `${variable}X`));
        expect(untoldVariables(slipped)).toContain(
          `${build.name} reads ${variable.slice(1)}X, which nobody tells it`,
        );
      }
    }
  });

  test('what it exports, and what is used of it', () => {
    const exporting = builds.flatMap(({ buildspec }) => buildspec.env?.['exported-variables'] ?? []);
    for (const key of new Set(exporting)) {
      const text = JSON.stringify(pipeline);
      const otherCommand: Pipeline = JSON.parse(text.replaceAll(`export ${key}`, `export ${key}X`));
      expect(unsetVariables(otherCommand), key).not.toEqual([]);
      const used = text.replaceAll(new RegExp(`(#\\{[\\w-]+\\.${key})\\}`, 'g'), '$1X}');
      if (used !== text) expect(unsetVariables(JSON.parse(used)), key).not.toEqual([]);
    }
  });
});
