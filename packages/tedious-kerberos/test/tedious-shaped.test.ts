import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Connection as TediousConnection } from 'tedious';
import { expect, test } from 'vitest';
import { Connection as KerberosConnection } from '../src/index.ts';
import * as shaped from '../src/tedious.ts';
import { dependencies } from './libraries/dependencies.ts';

const require = createRequire(import.meta.url);

test('it exports everything that tedious does, identical except for Connection and connect', () => {
  const original = require('tedious');
  for (const module of [shaped, shaped.tediousWith({})] as unknown as Record<string, unknown>[]) {
    expect(Object.keys(module).sort()).toEqual(
      Object.keys(original)
        .concat(module === (shaped as unknown) ? 'tediousWith' : [])
        .sort(),
    );
    for (const [name, value] of Object.entries(original)) {
      if (name === 'Connection' || name === 'connect') expect(module[name]).not.toBe(value);
      else expect(module[name], name).toBe(value);
    }
  }
});

test.each([
  ['kerberos', { type: 'kerberos', options: { spn: 'MSSQLSvc/db:1433', ccache: '/tmp/cache' } }],
  ['kerberos without options', { type: 'kerberos' }],
  ['what libraries leave empty', { type: 'kerberos', options: { userName: undefined, password: '' } }],
  ['none', undefined],
])('Kerberos: %s', (_, authentication) => {
  const connection = new shaped.Connection({
    server: 'db',
    authentication,
  } as shaped.ConnectionConfiguration);
  expect(connection).toBeInstanceOf(KerberosConnection);
});

test("another type of authentication gives tedious' own connection", () => {
  const authentication = { type: 'default', options: { userName: 'sa', password: 'secret' } } as const;
  const connection = new shaped.Connection({ server: 'db', authentication });
  expect(connection).toBeInstanceOf(TediousConnection);
  expect(connection).not.toBeInstanceOf(KerberosConnection);
});

test.each([undefined, null, 'db', 5])('%j is no configuration', (config) => {
  expect(() => new shaped.Connection(config as never)).toThrow(
    /The configuration of a connection must be an object/,
  );
});

test.each([
  ['a type that nobody knows', { type: 'Kerberos', options: {} }, /"type" property must/],
  ['a password', { type: 'kerberos', options: { userName: 'u', password: 'p' } }, /take userName, password/],
  ['a misspelled option', { type: 'kerberos', options: { SPN: 'MSSQLSvc/db:1433' } }, /take SPN: .* spn, /],
  ['an invalid SPN', { type: 'kerberos', options: { spn: 'db' } }, /service principal name/],
  ['nothing for options', { type: 'kerberos', options: null }, /options of Kerberos must be an object/],
  ['a text for options', { type: 'kerberos', options: 'db' }, /options of Kerberos must be an object/],
  ['nothing', null, /"authentication" of a connection must be an object, not null/],
])('refused: %s', (_, authentication, message) => {
  const config = { server: 'db', authentication } as unknown as shaped.ConnectionConfiguration;
  expect(() => new shaped.Connection(config)).toThrow(message);
  expect(() => new shaped.Connection(config)).toThrow(TypeError);
});

test('a request made with another copy of tedious is rejected, whichever method runs it', () => {
  const isTedious = (file: string) => /[\\/]node_modules[\\/]tedious[\\/]/.test(file);
  for (const file of Object.keys(require.cache).filter(isTedious)) delete require.cache[file];
  const other = require('tedious');
  expect(other.Request).not.toBe(shaped.Request);
  const connection = new shaped.Connection({ server: 'db' });
  const request = new other.Request('SELECT 1', () => {});
  const methods = ['execSql', 'execSqlBatch', 'callProcedure', 'prepare', 'unprepare', 'execute'] as const;
  for (const method of methods)
    expect(() => connection[method](request), method).toThrow(/another copy of tedious/);
});

/** Runs a line of JavaScript in a folder. */
const inFolder = (cwd: string, code: string) =>
  promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], { cwd }).then(
    () => '',
    (error: { stderr: string }) => error.stderr,
  );
const register = pathToFileURL(fileURLToPath(new URL('../src/register.ts', import.meta.url)));

test('register rejects two copies of tedious, and being imported too late', async () => {
  const project = await mkdtemp(join(tmpdir(), 'two-copies-'));
  const copy = join(project, 'node_modules', 'mssql', 'node_modules', 'tedious');
  try {
    expect(await inFolder(project, `await import('${register}')`)).toBe('');
    await mkdir(copy, { recursive: true });
    for (const folder of [copy, join(copy, '..', '..')]) await writeFile(join(folder, 'index.js'), '');
    expect(await inFolder(project, `await import('${register}')`)).toMatch(
      /There are two copies of tedious: .*overrides/,
    );
  } finally {
    await rm(project, { recursive: true });
  }
  const here = fileURLToPath(new URL('.', import.meta.url));
  expect(await inFolder(here, `await import('mssql'); await import('${register}')`)).toMatch(
    /mssql has already loaded/,
  );
  const login = `await new mssql.ConnectionPool({
    server: 'localhost', port: 1, authentication: { type: 'kerberos' } }).connect().catch(({ code }) => console.error(code)); process.exit(9)`;
  for (const both of [
    `import '${register}'; import mssql from 'mssql';`,
    `await import('${register}'); const { default: mssql } = await import('mssql');`,
    `import { createRequire } from 'node:module'; const require = createRequire('${here}');
     require('${fileURLToPath(register)}'); const mssql = require('mssql');`,
  ]) {
    expect(await inFolder(here, `${both} ${login}`), both).toMatch(/CONNECTION_FAILED/);
  }
});

test('the README names the versions of the libraries that are tested', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const rows = [
    ...readme.matchAll(/^\| (Kysely|Knex|mssql|Sequelize|TypeORM|MikroORM|Prisma) +\| ([\d.]+) +\|/gm),
  ];
  const { devDependencies } = require('../../../package.json');
  const packages: Record<string, string> = { MikroORM: '@mikro-orm/mssql', Prisma: '@prisma/adapter-mssql' };
  const tested: Record<string, string> = {
    ...devDependencies,
    ...dependencies,
    kysely: devDependencies.kysely,
  };
  expect(Object.fromEntries(rows.map(([, name = '', version]) => [name, version]))).toEqual(
    Object.fromEntries(rows.map(([, name = '']) => [name, tested[packages[name] ?? name.toLowerCase()]])),
  );
  expect(rows).toHaveLength(7);
});
