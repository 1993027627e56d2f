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

/** The builds of the pipeline's actions, and the daily check, which a schedule starts. */
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

  test('every variable set for a build is read by its commands or programs', () => {
    expect(buildsOf(pipeline, template).flatMap(unreadVariables)).toEqual([]);
  });

  test('every variable that commands read is set for the build or by the commands', () => {
    expect(buildsOf(pipeline, template).flatMap(untoldVariables)).toEqual([]);
  });

  test('every exported variable is set, and every variable used from another build is exported', () => {
    expect(unsetVariables(pipeline)).toEqual([]);
  });
});

describe('A misspelt variable name is found:', () => {
  const { pipeline, template } = variant('the example');
  const builds = buildsOf(pipeline, template);
  const told = builds.flatMap((build) => Object.keys(build.environment).map((key) => [build, key] as const));

  test('in what is set for a build', () => {
    expect(told.length).toBeGreaterThan(50);
    for (const [build, key] of told) {
      expect(unreadVariables({ ...build, environment: { [`${key}X`]: '' } })).toEqual([
        `${build.name} gets ${key}X, which nothing in the build reads`,
      ]);
    }
  });

  test('in what its commands read', () => {
    expect(builds.some((build) => JSON.stringify(build).includes('$IMAGE_TAG'))).toBe(true);
    for (const build of builds) {
      const text = JSON.stringify(build);
      const read = new Set(text.match(/\$IMAGE_\w+|\$SERVICE\b|\$\w+_STACKS\b/g));
      for (const variable of read) {
        const slipped: ToldBuild = JSON.parse(text.replaceAll(`${variable}`, () => `${variable}X`));
        expect(untoldVariables(slipped)).toContain(
          `${build.name} reads ${variable.slice(1)}X, which is not set for it`,
        );
      }
    }
  });

  test('in what it exports, and in what other actions use of that', () => {
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
