import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { beforeAll, expect, test } from 'vitest';
import { strangersProject } from './strangers-project.ts';

/** Kept between runs, because it is large and does not change. */
let folder: string;
let lowest: Readonly<Record<'aws-cdk-lib' | 'constructs', string>>;
const installed = (name: 'aws-cdk-lib' | 'constructs') => join(folder, 'node_modules', name);

beforeAll(async () => {
  const manifest = join(import.meta.dirname, '..', 'package.json');
  const { peerDependencies } = JSON.parse(await readFile(manifest, 'utf8'));
  const least = (name: string): string => peerDependencies[name].replace('^', '');
  lowest = { 'aws-cdk-lib': least('aws-cdk-lib'), constructs: least('constructs') };
  folder = resolve('.state', 'cache', `cdk-${lowest['aws-cdk-lib']}-${lowest.constructs}`);
  if (existsSync(folder)) return;
  const unfinished = `${folder}.${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  await writeFile(join(unfinished, 'package.json'), '{}');
  const packages = Object.entries(lowest).map(([name, version]) => `${name}@${version}`);
  await execa('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...packages], {
    cwd: unfinished,
  });
  await rename(unfinished, folder).catch(() => rm(unfinished, { recursive: true }));
});

test('these are the lowest versions that the package allows', async () => {
  for (const name of ['aws-cdk-lib', 'constructs'] as const) {
    const { version } = JSON.parse(await readFile(join(installed(name), 'package.json'), 'utf8'));
    expect(version).toBe(lowest[name]);
  }
});

test('the tests of the construct pass with them', async () => {
  const config = join(import.meta.dirname, 'lowest-cdk', 'vitest.config.ts');
  // Where the CDK writes the output of apps without an output folder; removed afterwards.
  const temporary = await mkdtemp(join(tmpdir(), 'lowest-cdk-'));
  const { all, exitCode } = await execa('vitest', ['run', '--config', config, '--reporter=default'], {
    all: true,
    preferLocal: true,
    reject: false,
    env: { CDK_FOLDER: folder, NO_COLOR: '1', TMPDIR: temporary },
  });
  await rm(temporary, { recursive: true });
  expect({ exitCode, all }).toMatchObject({
    exitCode: 0,
    all: expect.stringMatching(/Tests +\d+ passed \(\d+\)/),
  });
});

test("the packed package compiles and synthesizes with them, as its README's example", async () => {
  await using project = await strangersProject({
    'aws-cdk-lib': installed('aws-cdk-lib'),
    constructs: installed('constructs'),
  });
  const { template } = await project.synthesize();
  expect(Object.values(template.Resources).map(({ Type }) => Type)).toContain('AWS::ECS::TaskDefinition');
  expect(await project.compilerOutput('app.ts')).toBe('');
});
