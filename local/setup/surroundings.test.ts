import { execFile } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkSurroundings, cleanEnvironment } from './surroundings.mjs';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'surroundings-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('The environment of a program', () => {
  test.each([
    'NODE_ENV',
    'NODE_OPTIONS',
    'NODE_PATH',
    'NODE_COMPILE_CACHE',
    'NODE_REDIRECT_WARNINGS',
    'npm_config_omit',
    'NPM_CONFIG_PRODUCTION',
    'npm_config_dry_run',
    'npm_config_bin_links',
    'npm_config_install_strategy',
    'npm_config_location',
    'npm_config_json',
    'npm_config_node_options',
    'npm_config_script_shell',
    'KRB5_CONFIG',
    'KRB5CCNAME',
    'KRB5_TRACE',
    'LD_PRELOAD',
    'OPENSSL_CONF',
    'SSL_CERT_FILE',
    'LANG',
    'LC_MESSAGES',
    'BASH_ENV',
    'CDK_DEFAULT_ACCOUNT',
    'NODE_TLS_REJECT_UNAUTHORIZED',
    'NODE_USE_ENV_PROXY',
    'GIT_DIR',
    'GIT_WORK_TREE',
    'GIT_INDEX_FILE',
    'GIT_ALTERNATE_OBJECT_DIRECTORIES',
    'MAKEFLAGS',
    'PYTHONPATH',
    'PYTHONHOME',
    'PERL5LIB',
    'STORAGE_DRIVER',
    'BUILDAH_ISOLATION',
    'BIOME_CONFIG_PATH',
  ])('is without %s, which was set for something else', (name) => {
    expect(cleanEnvironment({ HOME: folder, [name]: 'x' })).not.toHaveProperty(name);
  });

  test.each([
    'PATH',
    'HOME',
    'HTTPS_PROXY',
    'NODE_EXTRA_CA_CERTS',
    'npm_config_registry',
    'npm_config_cache',
    'npm_config_userconfig',
    'npm_config_https_proxy',
    'npm_config_noproxy',
    'npm_config_cafile',
    'npm_config_fetch_retries',
    'npm_config_offline',
    'npm_config_//npm.example.com/:_authToken',
    'npm_config_@packages:registry',
    'NPM_CONFIG_REGISTRY',
    'XDG_RUNTIME_DIR',
    'AWS_PROFILE',
    'CI',
    'NO_COLOR',
    'GIT_SSH_COMMAND',
    'GIT_CONFIG_COUNT',
    'DOCKER_HOST',
    'CONTAINER_ENGINE',
  ])('keeps %s', (name) => {
    expect(cleanEnvironment({ HOME: folder, [name]: folder })).toHaveProperty(name, folder);
  });

  test('is without a relative XDG_CACHE_HOME', () => {
    expect(cleanEnvironment({ HOME: folder, XDG_CACHE_HOME: 'cache' })).not.toHaveProperty('XDG_CACHE_HOME');
  });

  // A CI server may set HOME=. or name the clone: files kept there would be linted as source code.
  const clone = join(import.meta.dirname, '..', '..');
  const homes = [undefined, '', '/nonexistent/home', '/dev/null', '.', 'lib', clone, join(clone, 'lib')];
  test.each(homes)('has a home to write to in place of %j', (HOME) => {
    expect(cleanEnvironment({ HOME }).HOME).toMatch(/\/\.state\/home$/);
  });
});

/** Runs the entry point itself, with a program that prints the environment it got. */
function npmRun(environment: NodeJS.ProcessEnv): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['local/setup/run.mjs', '--for', 'lint', 'test/setup/tell-surroundings.ts'],
      { env: environment },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    );
  });
}

test('a mask that hides new files, production mode and foreign options do not reach the program', async () => {
  const before = process.umask(0o077);
  const { code, output } = await npmRun({
    PATH: process.env.PATH,
    HOME: folder,
    NODE_ENV: 'production',
    LANG: 'de_DE.UTF-8',
    KRB5_CONFIG: '/nonexistent',
  }).finally(() => process.umask(before));
  expect({ code, told: JSON.parse(output) }).toEqual({ code: 0, told: { mask: '22', language: 'C.UTF-8' } });
});

test('a temporary folder that is not writable is reported', async () => {
  chmodSync(folder, 0o755);
  const { code, output } = await npmRun({ PATH: process.env.PATH, TMPDIR: join(folder, 'none') });
  expect(code).toBe(1);
  expect(output.trim()).toBe(
    `Cannot write to ${join(folder, 'none')}: make it writable, or set TMPDIR to another folder.`,
  );
});

test('a temporary folder without enough room is reported', () => {
  const before = process.umask();
  try {
    expect(() => checkSurroundings({ addon: false, room: 2 ** 40 })).toThrow(
      /^Only \d+ MiB are free for temporary files in \S+, but this needs 1099511627776 MiB: free some space, or set TMPDIR to another folder\.$/,
    );
  } finally {
    process.umask(before);
  }
});

// A backslash is not among them: Node.js itself refuses to load modules there, before any line of ours runs.
describe('A clone in a folder with such a name', () => {
  test.each([
    ...['with a blank', 'a"quote', "an'apostrophe", 'dollar$HOME', 'a:colon', 'a#hash', 'tick`tick'],
    ...['R&D', 'one(1)', 'a;b', 'a|b', 'a<b', 'a*', '[a]', 'a,b', '100%user', 'a\u00a0b'],
  ])('%s is told to move before anything is installed', async (name) => {
    const clone = join(folder, name);
    cpSync(import.meta.dirname, join(clone, 'local/setup'), { recursive: true });
    const { code, output } = await setUp(clone, 'rehearsal');
    expect({ code, output: output.trim() }).toEqual({
      code: 1,
      output: expect.stringMatching(
        /^This clone is in ".+": make\(1\) and PATH cannot handle a path .* Move the clone to another folder/,
      ),
    });
    expect(output).toContain(JSON.stringify(clone));
    expect(existsSync(join(clone, 'node_modules'))).toBe(false);
  });
});

test('a clone may be in a folder with letters of any script, digits and harmless punctuation', async () => {
  const clone = join(folder, 'Prüfung_1.0+x@y=z~-検査');
  cpSync(import.meta.dirname, join(clone, 'local/setup'), { recursive: true });
  const there = await import(pathToFileURL(join(clone, 'local/setup/surroundings.mjs')).href);
  const before = process.umask();
  try {
    expect(() => there.checkSurroundings({ addon: true, room: 0 })).not.toThrow();
  } finally {
    process.umask(before);
  }
});

function setUp(clone: string, purpose: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(clone, 'local/setup/run.mjs'), '--for', purpose, 'none.ts'],
      { env: { PATH: process.env.PATH } },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    );
  });
}
