import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { build } from '../scripts/build.ts';
import { hints } from '../src/errors/kerberos-error.ts';

const run = promisify(execFile);
const installed = (name: string) => dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));

/** A project with the published package installed. */
let project: string;
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'published-package-'));
  const modules = join(project, 'node_modules');
  await mkdir(join(modules, '@types'), { recursive: true });
  await build(join(modules, 'kerberos-client'));
  await symlink(installed('@types/node'), join(modules, '@types/node'));
  await writeFile(join(project, 'package.json'), JSON.stringify({ type: 'module' }));
});
afterAll(() => rm(project, { recursive: true }));

const published = (name: string) => join(project, 'node_modules', 'kerberos-client', name);

test('it has no dependencies and runs no script', async () => {
  const manifest = JSON.parse(await readFile(published('package.json'), 'utf8'));
  for (const field of ['dependencies', 'optionalDependencies', 'peerDependencies', 'scripts']) {
    expect(manifest).not.toHaveProperty(field);
  }
  await writeFile(
    join(project, 'use.js'),
    `import { parsePrincipal, formatPrincipal } from 'kerberos-client';
     console.log(formatPrincipal(parsePrincipal('user', 'REALM')));`,
  );
  expect((await run(process.execPath, ['use.js'], { cwd: project })).stdout).toBe('user@REALM\n');
});

test('npm packs only JavaScript, types, texts and the licence', async () => {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json'], { cwd: published('.') });
  const packed = JSON.parse(stdout);
  const [{ files }] = Array.isArray(packed) ? packed : Object.values(packed);
  const names: string[] = files.map(({ path }: { path: string }) => path);
  const texts = ['CHANGELOG.md', 'LICENSE', 'README.md', 'index.d.ts', 'index.js', 'package.json'];
  expect(names).toEqual(expect.arrayContaining(texts));
  expect(names.filter((name) => !texts.includes(name) && !/\.(js|d\.ts)$/.test(name))).toEqual([]);
  expect(names.filter((name) => /test/.test(name))).toEqual([]);
});

test('the README examples compile in a strict project that also checks libraries', async () => {
  const readme = await readFile(published('README.md'), 'utf8');
  const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code as string);
  expect(examples.length).toBeGreaterThan(2);
  const names = examples.map((_, index) => `example-${index}.ts`);
  await Promise.all(names.map((name, index) => writeFile(join(project, name), examples[index] as string)));
  const compiler = join(installed('typescript'), 'bin', 'tsc');
  const options = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2024', '--types', 'node'];
  const checked = await run(process.execPath, [compiler, ...options, ...names], { cwd: project }).catch(
    (error: { stdout: string }) => error,
  );
  expect(checked.stdout).toBe('');
});

test("the README lists exactly the package's own codes", async () => {
  const table =
    (await readFile(published('README.md'), 'utf8')).split('## Errors')[1]?.split('\n## ')[0] ?? '';
  const named = [...table.matchAll(/^\| (`.*?) +\|/gm)].flatMap(([, cell = '']) => {
    const codes = [...cell.matchAll(/`(…?)([A-Z_]+)(…?)`/g)];
    const stem = codes[0]?.[2]?.split('_').slice(0, 2).join('_');
    return codes.flatMap(([, before, code, open]) => (open ? [] : before ? `${stem}${code}` : code));
  });
  expect(named.sort()).toEqual(Object.keys(hints).sort());
});
