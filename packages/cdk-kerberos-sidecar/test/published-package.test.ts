import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sidecarEnvironmentSchema } from '@packages/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withoutSources } from '../scripts/image.ts';
import { containersOf, servedTask } from './example-task.ts';
import { type StrangersProject, strangersProject } from './strangers-project.ts';

const run = promisify(execFile);

let project: StrangersProject;
beforeAll(async () => {
  project = await strangersProject();
});
afterAll(() => project?.[Symbol.asyncDispose]());

test('npm packs only JavaScript, types, texts, the licence and the inputs of the image', () => {
  const { packed } = project;
  const texts = ['CHANGELOG.md', 'LICENSE', 'README.md', 'index.d.ts', 'index.js', 'package.json'];
  const image = ['Dockerfile', 'services/image/make-root.sh', 'out/app/main.mjs', 'out/app/health.mjs'].map(
    (name) => `image/${name}`,
  );
  expect(packed).toEqual(expect.arrayContaining([...texts, ...image]));
  expect(packed.filter((name) => !texts.includes(name) && !/^image\/|\.d\.ts$/.test(name))).toEqual([]);
  expect(packed.filter((name) => /test/.test(name))).toEqual([]);
});

test("it needs only the application's CDK, and runs no script", async () => {
  const manifest = JSON.parse(await readFile(project.installed('package.json'), 'utf8'));
  for (const field of ['dependencies', 'devDependencies', 'optionalDependencies', 'scripts']) {
    expect(manifest).not.toHaveProperty(field);
  }
  expect(Object.keys(manifest.peerDependencies)).toEqual(['aws-cdk-lib', 'constructs']);
  const code = await readFile(project.installed('index.js'), 'utf8');
  const imported = [...code.matchAll(/ from "([^"]+)"/g)].map(([, name]) => name?.split('/')[0]);
  expect([...new Set(imported)].sort()).toEqual(['aws-cdk-lib', 'node:path', 'node:url']);
});

test('its declarations do not refer to modules of this repository', async () => {
  for (const name of project.packed.filter((name) => name.endsWith('.d.ts'))) {
    const text = await readFile(project.installed(name), 'utf8');
    const foreign = [...text.matchAll(/ from '([^'.][^']*)'/g)].map(([, from]) => from?.split('/')[0]);
    expect(foreign.filter((from) => from !== 'aws-cdk-lib' && from !== 'constructs')).toEqual([]);
  }
});

test('it includes the licences of third-party code in its image', async () => {
  const notices = await readFile(project.installed('image/out/app/THIRD-PARTY-NOTICES.txt'), 'utf8');
  for (const name of ['zod', 'close-with-grace', '@aws-sdk/client-secrets-manager']) {
    expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+$`, 'm'));
  }
  expect(notices).toContain('Permission is hereby granted, free of charge');
});

test('its Dockerfile is that of this repository, with the bundle instead of the sources', async () => {
  const own = await readFile('services/sidecar/Dockerfile', 'utf8');
  const packed = await readFile(project.installed('image/Dockerfile'), 'utf8');
  const lastStages = (dockerfile: string) => dockerfile.slice(dockerfile.indexOf('AS root'));
  expect(lastStages(packed)).toBe(lastStages(own));
  expect(packed).not.toMatch(/npm|COPY (package|tsconfig)/);
  for (const [, from] of packed.matchAll(/^COPY (?!--from)(\S+)/gm)) {
    expect((await readdir(project.installed(join('image', from as string)))).length).toBeGreaterThan(1);
  }
  expect(() => withoutSources(own.replace('AS build', 'AS sources'))).toThrow('no stage named build');
  expect(() => withoutSources(own.replace('/out/app', '/out/program'))).toThrow(/makes \/out\/program/);
});

describe('the examples of its README', () => {
  test('compile in a strict project that also checks libraries', async () => {
    const examples = [...(await project.readme()).matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
    expect(examples.length).toBeGreaterThan(2);
    const names = examples.map((_, index) => `example-${index}.ts`);
    await Promise.all(
      names.map((name, index) => writeFile(join(project.folder, name), examples[index] as string)),
    );
    expect(await project.compilerOutput(...names)).toBe('');
  });

  test('are few lines', async () => {
    const lines = (await project.readme()).match(/`app\.ts`:\n\n```ts\n(.*?)```/s)?.[1]?.split('\n') ?? [];
    expect(lines.filter((line) => line !== '')).toHaveLength(15);
  });

  test('synthesize with an image for the processor of the tasks', async () => {
    const { template, images } = await project.synthesize();
    expect(template.Resources).toMatchObject({
      Task79114B6B: { Properties: { ContainerDefinitions: [{ Name: 'report' }, { Name: 'kerberos' }] } },
    });
    expect(images.map(({ source }) => source)).toHaveLength(2);
    const ours = images.find(({ source }) => source.platform);
    expect(ours?.source.platform).toBe('linux/amd64');
    expect(await readdir(ours?.folder ?? '')).toEqual(['Dockerfile', 'out', 'services']);
  });
});

test("the examples of network access and alarms run with the first example's application", async () => {
  await project.synthesize();
  const [app, ...others] = [...(await project.readme()).matchAll(/```ts\n(.*?)```/gs)].map(
    ([, code]) => code,
  );
  const names = others.map((_, index) => `further-${index}.ts`);
  await Promise.all(
    names.map((name, index) => writeFile(join(project.folder, name), others[index] as string)),
  );
  // The constants that the examples only declare.
  const shared = 'Object.assign(globalThis, { stack, taskDefinition, kerberos });';
  const imports = names.map((name) => `await import('./${name}');`);
  await writeFile(join(project.folder, 'all.ts'), [app, shared, ...imports].join('\n'));
  const output = join(project.folder, 'cdk.out.all');
  const env = { ...process.env, CDK_OUTDIR: output };
  await run(process.execPath, ['--disable-warning=ExperimentalWarning', 'all.ts'], {
    cwd: project.folder,
    env,
  });
  const { Resources } = JSON.parse(await readFile(join(output, 'report.template.json'), 'utf8'));
  const types = Object.values<{ Type: string }>(Resources).map(({ Type }) => Type);
  const count = (type: string) => types.filter((one) => one === type).length;
  expect(count('AWS::ECS::Service')).toBe(1);
  expect(count('AWS::CloudWatch::Dashboard')).toBe(1);
  expect(count('AWS::CloudWatch::Alarm')).toBe(6);
});

test('the defaults in its README are those that the construct and the sidecar have', async () => {
  const readme = await project.readme();
  const rows = [...readme.matchAll(/^\| `(\w+)` +\| `?([\w-]+)`?(?: seconds)? +\|/gm)];
  const told = Object.fromEntries(rows.map(([, name, value]) => [name, value]));
  const { kerberos } = containersOf(servedTask().stack);
  const defaults = sidecarEnvironmentSchema.parse(
    Object.fromEntries(
      kerberos.Environment.map(({ Name, Value }: { Name: string; Value: string }) => [Name, Value]),
    ),
  );
  const { ENCRYPTION_TYPES, TICKET_LIFETIME, TICKET_REFRESH_SECONDS, PASSWORD_ATTEMPTS, LOG_LEVEL } =
    defaults;
  const variables = {
    ENCRYPTION_TYPES,
    TICKET_LIFETIME,
    TICKET_REFRESH_SECONDS,
    PASSWORD_ATTEMPTS,
    LOG_LEVEL,
  };
  expect(told).toMatchObject({
    ...Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)])),
    ticketMode: defaults.TICKET_MODE,
    metricsNamespace: defaults.METRICS_NAMESPACE,
    signInSpread: String(defaults.SIGN_IN_SPREAD_SECONDS),
    containerName: kerberos.Name,
    memoryLimitMiB: String(kerberos.Memory),
    credentials: kerberos.Secrets.length === 1 ? 'injected' : 'fetched',
  });
});

test('a CommonJS application can require it', async () => {
  const folder = join(project.folder, 'common');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'commonjs' }));
  await writeFile(
    join(folder, 'app.ts'),
    "import { KerberosSidecar } from 'cdk-kerberos-sidecar';\nconsole.log(KerberosSidecar.name);\n",
  );
  expect(await project.compilerOutput('common/app.ts')).toBe('');
  await writeFile(
    join(folder, 'app.js'),
    "console.log(require('cdk-kerberos-sidecar').KerberosSidecar.name);\n",
  );
  const { stdout } = await run(process.execPath, ['app.js'], { cwd: folder });
  expect(stdout).toBe('KerberosSidecar\n');
});
