import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accept } from '../../../local/testing/scripted-authenticator.ts';
import { startScriptedServer } from '../../../local/testing/tds-server/scripted-server.ts';
import { build as buildKerberos } from '../../kerberos/scripts/build.ts';
import { build } from '../scripts/build.ts';
import { hints } from '../src/errors/codes.ts';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const installed = (name: string) => dirname(require.resolve(`${name}/package.json`));

/** A project with the published package, but without the optional native one. */
let project: string;
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'published-package-'));
  const modules = join(project, 'node_modules');
  await mkdir(join(modules, '@types'), { recursive: true });
  await build(join(modules, 'tedious-kerberos'));
  await buildKerberos(join(modules, 'kerberos-client'));
  for (const name of ['tedious', '@types/node']) {
    await symlink(installed(name), join(modules, name));
  }
  await writeFile(join(project, 'package.json'), JSON.stringify({ type: 'module' }));
});
afterAll(() => rm(project, { recursive: true }));

test('npm packs JavaScript, types, README and licence, and nothing else', async () => {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json'], {
    cwd: join(project, 'node_modules', 'tedious-kerberos'),
  });
  const packed = JSON.parse(stdout);
  const [{ files }] = Array.isArray(packed) ? packed : Object.values(packed);
  const names: string[] = files.map(({ path }: { path: string }) => path);
  expect(names).toEqual(
    expect.arrayContaining([
      ...['CHANGELOG.md', 'LICENSE', 'README.md', 'index.d.ts', 'index.js', 'package.json'],
    ]),
  );
  expect(
    names.filter((name) => !/^(LICENSE|README\.md|CHANGELOG\.md|package\.json|.+\.js|.+\.d\.ts)$/.test(name)),
  ).toEqual([]);
  expect(names.filter((name) => /test/.test(name))).toEqual([]);
});

test('without the native package, a login fails only for lack of a ticket; with native: true, the error says what to install', async () => {
  const server = await startScriptedServer({ login: accept });
  await writeFile(
    join(project, 'use.js'),
    `import { connect, kerberos } from 'tedious-kerberos';
     const options = { port: ${server.port}, encrypt: false };
     for (const native of [false, true]) {
       await connect({ server: 'localhost', authenticator: kerberos({ native }), options }).catch(
         ({ code, message, hint }) => console.log(code, message, hint),
       );
     }`,
  );
  const { stdout } = await run(process.execPath, ['use.js'], {
    cwd: project,
    env: { ...process.env, KRB5CCNAME: join(project, 'nothing') },
  });
  await server.stop();
  expect(stdout).toMatch(
    /^CCACHE_NOT_FOUND .*\nNATIVE_MODULE_MISSING .*package "kerberos".*npm install kerberos/,
  );
  expect(server.logins).toEqual([]);
});

test('its command runs from the package', async () => {
  const folder = join(project, 'node_modules', 'tedious-kerberos');
  const { bin } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const program = join(folder, bin['tedious-kerberos']);
  expect(await readFile(program, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  const { stdout } = await run(process.execPath, [program, '--help']);
  expect(stdout).toMatch(/^Usage: tedious-kerberos doctor/);
});

test('its types are complete, for a strict project without skipLibCheck', async () => {
  await writeFile(
    join(project, 'use.ts'),
    `import { type Authenticator, connect, createPool, kerberos, LoginError, Request, TYPES } from 'tedious-kerberos';
     const authenticator: Authenticator = kerberos({ spn: ({ host, port }) => \`MSSQLSvc/\${host}:\${port}\` });
     const connection = await connect({ server: 'db', authenticator, tls: { ca: 'pem' }, options: { port: 1 } });
     const request = new Request('SELECT @a', () => {});
     request.addParameter('a', TYPES.Int, 1);
     connection.execSql(request);
     const { rows } = await createPool({ connection: { server: 'db' } }).query<{ a: number }>('SELECT 1 AS a');
     const first: number | undefined = rows[0]?.a;
     const code = (error: unknown) => (error instanceof LoginError && error.code === 'TICKET_EXPIRED' ? first : 0);
     export { code };
     import { tediousWith, Connection as Shaped } from 'tedious-kerberos/tedious';
     import 'tedious-kerberos/register';
     const authentication = { type: 'kerberos', options: { spn: 'MSSQLSvc/db:1433' } } as const;
     new Shaped({ server: 'db', authentication, options: { port: 1 } }).execSql(request);
     new (tediousWith({ ccache: '/tmp/cache' }).Connection)({ server: 'db' }).close();`,
  );
  expect(await compilerOutput('use.ts')).toBe('');
});

test('the examples of its README compile', async () => {
  const examples = [...(await readme()).matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code as string);
  expect(examples.length).toBeGreaterThan(3);
  const names = examples.map((_, index) => `example-${index}.ts`);
  await Promise.all(names.map((name, index) => writeFile(join(project, name), examples[index] as string)));
  expect(await compilerOutput(...names)).toBe('');
});

test('nothing that is installed with it runs a script or has native code', async () => {
  for (const name of ['tedious-kerberos', 'kerberos-client']) {
    const manifest = JSON.parse(await readFile(join(project, 'node_modules', name, 'package.json'), 'utf8'));
    expect(manifest.scripts).toBeUndefined();
    expect(manifest.optionalDependencies).toBeUndefined();
    expect(Object.keys(manifest.dependencies ?? {})).not.toContain('kerberos');
    expect(manifest.peerDependenciesMeta?.kerberos ?? { optional: true }).toEqual({ optional: true });
  }
});

test('its README names every code that a login can fail with, and no other', async () => {
  const table = (await readme()).split('## Errors')[1]?.split('The pool adds')[0] ?? '';
  const named = [...table.matchAll(/^\| (`.*?`) +\|/gm)].flatMap(([, codes]) => codes?.match(/\w+/g) ?? []);
  expect(named.filter((name) => name !== 'code').sort()).toEqual(Object.keys(hints).sort());
});

const readme = () => readFile(join(project, 'node_modules', 'tedious-kerberos', 'README.md'), 'utf8');

/** The compiler's output for files of the project, with its strictest settings. */
async function compilerOutput(...files: string[]): Promise<string> {
  const compiler = join(installed('typescript'), 'bin', 'tsc');
  const options = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2024', '--types', 'node'];
  const checked = await run(process.execPath, [compiler, ...options, ...files], { cwd: project }).catch(
    (error: { stdout: string }) => error,
  );
  return checked.stdout;
}
