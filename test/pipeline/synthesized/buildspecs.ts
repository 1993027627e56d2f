import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { integrationTestEnvironmentSchema } from '@packages/contracts';
import { describe, expect, test } from 'vitest';
import { acceptedFindingsFile } from '../../../lib/config/pipeline-names.ts';
import { checkBuildspec } from '../../../lib/constructs/common/buildspec.ts';
import { type BuildspecName, readBuildspec } from '../../../lib/constructs/common/buildspec-file.ts';
import { projects, reportsOf } from '../../projects.ts';
import { commandsOf, orderOf, place } from '../invariants/order.ts';
import { variant } from '../variants.ts';

const names = globSync('*.yml', { cwd: 'buildspecs' }).map((file) => basename(file, '.yml') as BuildspecName);

/** Where each buildspec is run as a whole with its own commands: a test file, and the text in it that runs the buildspec. */
const runs: Readonly<Record<BuildspecName, readonly [file: string, words: string]>> = {
  checks: ['test/pipeline/builds.e2e.test.ts', "runAction('Build/Checks'"],
  audit: ['test/pipeline/audit.test.ts', "runAction('Build/Audit'"],
  tests: ['test/pipeline/builds.e2e.test.ts', "runAction('Build/Tests'"],
  synth: ['test/pipeline/builds.e2e.test.ts', "runAction('Build/Synth'"],
  'change-summary': ['test/pipeline/builds.e2e.test.ts', "runAction('production-database-approval/Changes'"],
  'start-integration-test': [
    'test/pipeline/builds.e2e.test.ts',
    "runAction('staging-service/Integration-test'",
  ],
  'integration-test': ['test/pipeline/builds.e2e.test.ts', "synthesizedTestProject(assembly(), 'staging'"],
  'publish-assets': ['test/pipeline/own-tools.test.ts', "run('staging-service/Assets'"],
  'recheck-images': ['test/pipeline/own-tools/look-again.ts', "readBuildspec('recheck-images')"],
  'sign-images': ['test/pipeline/own-tools.test.ts', "run('Provenance/Sign'"],
  'update-pipeline': ['test/pipeline/own-tools.test.ts', "run('UpdatePipeline/SelfMutate'"],
  // Requires a container engine: npm run test:containers.
  image: ['local/containers/images/image-builder.ts', "readBuildspec('image')"],
};

test('the build of an image passes on its bill of materials and accepted findings where signing expects them', () => {
  const { builds } = orderOf(variant('the example').pipeline);
  const { buildspec } = builds.find(({ name }) => name === 'Image-web') ?? {};
  const folder = buildspec?.artifacts?.['base-directory'];
  const commands = readBuildspec('image').phases.build?.commands ?? [];
  expect(commands.join('\n')).toContain(`|| node lib/programs/image-contents.ts "$IMAGE" ${folder}\n`);
  expect(commands).toContain(`cp ${acceptedFindingsFile} ${folder}/`);
});

test.each(['services/Dockerfile', 'services/sidecar/Dockerfile'])(
  '%s has the build arguments of an image build, and the commit in the label that signing reads',
  (file) => {
    const dockerfile = readFileSync(file, 'utf8');
    const commands = readBuildspec('image').phases.build?.commands?.join('\n') ?? '';
    const told = [...commands.matchAll(/--build-arg "(\w+)=/g)].map(([, name]) => name);
    expect(told).toEqual(['SERVICE', 'REVISION', 'SOURCE']);
    for (const name of told) {
      // The Dockerfile of the sidecar is for one service.
      if (name !== 'SERVICE' || file === 'services/Dockerfile') expect(dockerfile).toMatch(`\nARG ${name}`);
    }
    expect(dockerfile).toContain(` org.opencontainers.image.revision="\${REVISION}"`);
  },
);

test('CodeBuild looks for the reports where the tests write them', () => {
  const looked = (name: BuildspecName) =>
    Object.values(readBuildspec(name).reports ?? {}).flatMap(({ files }) => files);
  expect(looked('tests')).toEqual(projects.map((project) => reportsOf([project]).junit));
  const { REPORT_FILE } = integrationTestEnvironmentSchema.shape;
  expect(looked('integration-test')).toEqual([REPORT_FILE.parse(undefined)]);
});

test('the comparison exports the files that its program writes', () => {
  const commands = readBuildspec('change-summary').phases.build?.commands?.join('\n') ?? '';
  const exported = [...commands.matchAll(/\$\(cat ([\w.-]+)\)/g)].map(([, file]) => file);
  const program = readFileSync('lib/programs/summarize-changes.ts', 'utf8');
  const written = [...program.matchAll(/writeFile\('([\w.-]+)'/g)].map(([, file]) => file);
  expect(exported).toEqual(['change-summary.txt', 'changes.txt']);
  expect(written).toEqual(exported);
});

test('only the comparison before the update of the pipeline passes on the compared assembly', () => {
  const { builds } = orderOf(variant('the example').pipeline);
  const compared = builds.filter(({ name }) => name === 'Changes');
  const handedOn = compared.filter(({ buildspec }) => buildspec.artifacts);
  expect(compared.length).toBeGreaterThan(1);
  expect(handedOn.map(place)).toEqual(['Provenance/Changes']);
  expect(handedOn[0]?.buildspec.artifacts).toEqual({ files: ['**/*'] });
}, 120_000);

describe('Every command of a buildspec is run by a test', () => {
  test.each(names)('%s', (name) => {
    const [file, words] = runs[name] ?? [];
    expect(file, `no test runs buildspecs/${name}.yml`).toBeDefined();
    expect(readFileSync(file ?? '', 'utf8')).toContain(words);
  });

  test('and the build in that test uses this buildspec', () => {
    const { builds } = orderOf(variant('the example').pipeline);
    const run = Object.entries(runs).flatMap(([name, [, words]]) => {
      const where = /^run(?:Action)?\('([^']+)'/.exec(words)?.[1];
      return where ? [[name as BuildspecName, builds.find((build) => place(build) === where)] as const] : [];
    });
    expect(run).toHaveLength(9);
    for (const [name, build] of run) {
      expect(
        build && isDeepStrictEqual(commandsOf(build.buildspec), commandsOf(readBuildspec(name))),
        name,
      ).toBe(true);
    }
  });
});

describe('A wrong buildspec is refused with the file and the key:', () => {
  const good = { version: 0.2, phases: { build: { commands: ['true'] } } };

  test.each([
    [
      'a key that CodeBuild would ignore',
      { ...good, phase: {} },
      'x.yml: the whole file: Unrecognized key: "phase".',
    ],
    ['an older version', { ...good, version: 0.1 }, 'x.yml: version: '],
    [
      'commands that are not a list',
      { ...good, phases: { build: { commands: 'true' } } },
      'x.yml: phases.build.commands: ',
    ],
    ['nothing', null, 'x.yml: the whole file: '],
  ])('%s', (_, value, message) => {
    expect(() => checkBuildspec(value, 'x.yml')).toThrow(message);
  });

  test.each(names)('but %s is accepted', (name) => {
    expect(readBuildspec(name).phases.build?.commands?.length).toBeGreaterThan(0);
  });
});
