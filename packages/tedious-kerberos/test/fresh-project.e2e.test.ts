import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SqlServerProcess, tlsName } from '../../../local/testing/sql-server.ts';
import { type KerberosSite, startKerberosSite } from './domain/kerberos-site.ts';
import { startMusicServer } from './domain/music-server.ts';
import { type FreshProject, installFreshProject, quickly } from './fresh-project.ts';
import { dependencies } from './libraries/dependencies.ts';
import { statements } from './libraries/use-library.ts';

let project: FreshProject;
let site: KerberosSite;
let server: SqlServerProcess;
let environment: NodeJS.ProcessEnv;
beforeAll(async () => {
  [project, site] = await Promise.all([
    installFreshProject({ dependencies, overrides: { tedious: '20.3.9' } }),
    startKerberosSite(),
  ]);
  server = await startMusicServer(site, ...statements);
  const ccache = await site.kinit('service', { service: site.spn });
  const connection = {
    server: site.address,
    authentication: { type: 'kerberos', options: { spn: site.spn, ccache } },
    options: {
      ...{ port: server.port, database: 'Music', encrypt: true, trustServerCertificate: false },
      ...{ serverName: tlsName, cryptoCredentialsDetails: { ca: server.ca } },
    },
  };
  environment = { CONNECTION: JSON.stringify(connection) };
});
afterAll(async () => {
  await server?.stop();
  await site?.dispose();
  await project?.dispose();
});

const node = (...args: string[]) => project.run(process.execPath, args, environment);

/** Installs this version of Node.js from npm. */
async function nodeOf(version: string): Promise<string> {
  const name = `node-linux-${process.arch}`;
  const folder = join(project.folder, 'nodes', version);
  await project.npm('install', `${name}@${version}`, '--prefix', folder, ...quickly);
  return join(folder, 'node_modules', name, 'bin', 'node');
}

test('there is one copy of tedious, and nothing native', async () => {
  const folders = (await project.npm('ls', '--all', '--parseable', '--long')).split('\n');
  const installed = folders.map((line) => line.split(':')[1]);
  expect(new Set(installed.filter((name) => name?.startsWith('tedious@')))).toEqual(
    new Set(['tedious@20.3.9']),
  );
  expect(installed.filter((name) => name?.startsWith('kerberos@'))).toEqual([]);
});

test('npm refuses another version of tedious next to it', async () => {
  await expect(installFreshProject({ dependencies: { tedious: '20.0.0' } })).rejects.toThrow(
    /ERESOLVE[\s\S]*peer tedious@"20\.3\.9" from tedious-kerberos/,
  );
});

test('MikroORM', async () => expect(await node('mikro-orm.ts')).toBe('done'));

test('Prisma', async () => {
  // `generate` needs no engine. Without this setting, the npm package would download one.
  const generate = { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' };
  await project.run('npx', ['prisma', 'generate', '--schema', 'schema.prisma'], generate);
  expect(await node('prisma.ts')).toBe('done');
});

const spans = [
  { statement: 'SELECT 1 AS one', database: 'Music', failed: false },
  { statement: 'SELECT nothing FROM Nowhere', database: 'Music', failed: true },
  { statement: 'SELECT 2 AS two', database: 'Music', failed: false },
  { statement: 'SELECT 3 AS three', database: 'Music', failed: false },
];

test.each([
  ['an ES module', ['--import', './telemetry.cjs', 'traced-module.mjs']],
  ['an ES module, with the loader hook', ['--import', './telemetry.mjs', 'traced-module.mjs']],
  ['CommonJS', ['--require', './telemetry.cjs', 'traced-commonjs.cjs']],
])('OpenTelemetry makes one span for each statement, in %s', async (_, args) => {
  expect(JSON.parse(await node(...args))).toEqual(spans);
});

describe.each([
  ['the oldest supported version', '22.12.0'],
  ['the newest of the oldest supported line', '22.23.3'],
])('Node.js: %s, %s', (_, version) => {
  let program: string;
  beforeAll(async () => {
    program = await nodeOf(version);
  });

  test.each(['who-am-i.mjs', 'who-am-i.cjs'])('%s logs in', async (file) => {
    const said = await project.run(program, [file], environment);
    expect(said).toBe(`v${version} CORP\\db-user`);
  });

  test('the doctor finds nothing wrong', async () => {
    const { server: host, authentication, options } = JSON.parse(environment.CONNECTION ?? '');
    const authority = join(project.folder, 'authority.pem');
    await writeFile(authority, server.ca);
    const command = join('node_modules', 'tedious-kerberos', 'command-line.js');
    const { spn, ccache } = authentication.options;
    const said = await project.run(program, [
      ...[command, 'doctor', '--server', host, '--port', `${options.port}`, '--spn', spn],
      ...['--ccache', ccache, '--ca', authority, '--tls-name', tlsName, '--database', 'Music', '--json'],
    ]);
    expect(JSON.parse(said)).toMatchObject({ healthy: true });
  });
});

describe('with no other dependencies', () => {
  let bare: FreshProject;
  beforeAll(async () => {
    bare = await installFreshProject({ dependencies: {} });
  });
  afterAll(() => bare?.dispose());

  interface Installed {
    readonly hasInstallScript?: boolean;
    readonly os?: readonly string[];
    readonly cpu?: readonly string[];
    readonly libc?: readonly string[];
  }

  test('no installed package has an install script, native code or a required platform', async () => {
    const { packages } = JSON.parse(await readFile(join(bare.folder, 'package-lock.json'), 'utf8'));
    const installed = Object.entries<Installed>(packages);
    const tied = installed.filter(
      ([, { hasInstallScript, os, cpu, libc }]) => hasInstallScript || os || cpu || libc,
    );
    expect(tied).toEqual([]);
    const files = await readdir(join(bare.folder, 'node_modules'), { recursive: true });
    expect(files.filter((file) => /\.node$|(^|\/)binding\.gyp$/.test(file))).toEqual([]);
  });

  test('it logs in from a root file system without shell, compiler, Kerberos library or configuration', async () => {
    const { stdout } = await execa('ldd', [process.execPath]);
    const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path as string);
    for (const path of libraries) await cp(path, join(bare.folder, path), { dereference: true });
    await cp(process.execPath, join(bare.folder, 'node'));
    const connection = JSON.parse(environment.CONNECTION ?? '');
    await cp(connection.authentication.options.ccache, join(bare.folder, 'ccache'));
    connection.authentication.options.ccache = '/ccache';
    const { stdout: said } = await execa('/usr/sbin/chroot', [bare.folder, '/node', '/who-am-i.mjs'], {
      env: { CONNECTION: JSON.stringify(connection) },
      extendEnv: false,
    });
    expect(said).toBe(`${process.version} CORP\\db-user`);
    expect(libraries.filter((path) => /krb5|gssapi/.test(path))).toEqual([]);
  });
});
