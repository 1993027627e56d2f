import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isInput } from './inputs.ts';
import { refuseStandIns } from './stand-ins.ts';

const npm = (cwd: string, ...words: string[]) =>
  execa('npm', [...words, '--ignore-scripts', '--no-audit', '--no-fund', '--offline'], {
    cwd,
    reject: false,
  });
const writeJson = (path: string, value: object) => writeFileSync(path, JSON.stringify(value));

/**
 * Runs npm on a source with two services and a package `dep` 1.0.0 of the build's programs. The folder of the other service
 * is not an input of web's image.
 */
describe('The manifest of another service', () => {
  let folder: string;
  let source: string;
  const other = 'services/other/package.json';
  const manifest = { name: '@services/other', version: '1.0.0', dependencies: { '@packages/a': '1.0.0' } };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stand-ins-'));
    source = join(folder, 'source');
    for (const path of ['packages/a', 'services/web', 'services/other', 'archives'])
      mkdirSync(join(source, path), { recursive: true });
    for (const version of ['1.0.0', '2.0.0']) {
      const dep = join(folder, `dep-${version}`);
      mkdirSync(dep);
      writeJson(join(dep, 'package.json'), { name: 'dep', version, main: 'genuine.js' });
      writeFileSync(join(dep, 'genuine.js'), '');
      await npm(dep, 'pack', '--pack-destination', join(source, 'archives'));
    }
    writeJson(join(source, 'package.json'), {
      ...{ name: 'root', version: '1.0.0', workspaces: ['packages/*', 'services/*'] },
      devDependencies: { dep: 'file:archives/dep-1.0.0.tgz' },
    });
    writeJson(join(source, 'packages/a/package.json'), { name: '@packages/a', version: '1.0.0' });
    writeJson(join(source, 'services/web/package.json'), { ...manifest, name: '@services/web' });
    writeJson(join(source, other), manifest);
    const { exitCode, stderr } = await npm(source, 'install', '--package-lock-only');
    expect(exitCode, stderr).toBe(0);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** The installed packages, without the links to the other service. */
  async function installed(changed: string): Promise<string[] | undefined> {
    const { exitCode } = await npm(changed, 'ci');
    if (exitCode !== 0) return undefined;
    const look = (path: string): string[] =>
      readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
        const at = join(path, entry.name);
        if (entry.isSymbolicLink()) return [`${relative(changed, at)} -> ${readlinkSync(at)}`];
        return entry.isDirectory() ? look(at) : [`${relative(changed, at)}: ${readFileSync(at, 'utf8')}`];
      });
    return look(join(changed, 'node_modules'))
      .filter((line) => !/^node_modules\/(\.package-lock\.json|@services\/other )/.test(line))
      .sort();
  }
  /** Installs the source after a change in the other service's folder, and checks whether it is refused. */
  async function outcome(change: (root: string) => void) {
    const changed = mkdtempSync(join(folder, 'changed-'));
    cpSync(source, changed, { recursive: true });
    change(changed);
    const sentence = told(() => refuseStandIns(changed));
    return { sentence, packages: await installed(changed) };
  }
  const told = (act: () => void) => {
    try {
      act();
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };
  const withValues = (values: object) => (root: string) =>
    writeJson(join(root, other), { ...manifest, ...values });

  test('is not an input of an image, and passes unchanged', async () => {
    expect(isInput('services/other', 'web')).toBe(false);
    const { sentence, packages } = await outcome(() => {});
    expect(sentence).toBeUndefined();
    expect(packages?.some((line) => line.startsWith('node_modules/dep/genuine.js'))).toBe(true);
  });

  const second = { dep: 'file:../../archives/dep-2.0.0.tgz' };
  test.each<readonly [string, (root: string) => void]>([
    ['has the name and version of a package', withValues({ name: 'dep' })],
    ['has the name of a package', withValues({ name: 'dep', version: '9.0.0' })],
    ['has the name of a package of this repository', withValues({ name: '@packages/a' })],
    ['has the name of a service', withValues({ name: '@services/web' })],
    ['has no name', withValues({ name: undefined })],
    ['has another version', withValues({ version: '2.0.0' })],
    ['needs another version of a package', withValues({ dependencies: second })],
    ['has it as a development dependency', withValues({ devDependencies: second })],
    ['has it as a peer dependency', withValues({ peerDependencies: { dep: '2.0.0' } })],
    ['overrides it', withValues({ overrides: { dep: '2.0.0' } })],
    ['has executables', withValues({ bin: { node: 'main.js', dep: 'main.js' } })],
    [
      'has scripts',
      withValues({ scripts: { preinstall: 'rm -rf ../../node_modules/dep', prepare: 'exit 1' } }),
    ],
    ['bundles a package', withValues({ bundleDependencies: ['@packages/a'] })],
    ['has its own workspaces', withValues({ workspaces: ['../../archives'] })],
    ['is not JSON', (root) => writeFileSync(join(root, other), '{')],
    ['is missing', (root) => rmSync(join(root, other))],
    [
      'has another lock file next to it',
      (root) => writeJson(join(root, 'services/other/npm-shrinkwrap.json'), {}),
    ],
    [
      'has npm settings next to it',
      (root) => writeFileSync(join(root, 'services/other/.npmrc'), 'omit=dev\n'),
    ],
  ])('that %s changes no package, or is refused', async (_, change) => {
    const { packages } = await outcome(() => {});
    const changed = await outcome(change);
    if (changed.sentence === undefined && changed.packages) expect(changed.packages).toEqual(packages);
    if (changed.sentence) expect(changed.sentence).toContain(other);
  });

  test('would, if it were not refused, replace a package without a change of the lock file', async () => {
    const { sentence, packages } = await outcome(withValues({ name: 'dep' }));
    expect(packages).toContain('node_modules/dep -> ../services/other');
    expect(sentence).toMatch(/^services\/other\/package\.json has the name "dep", but package-lock\.json/);
  });

  test('is refused, too, if the lock file does not know the service yet', async () => {
    const { sentence, packages } = await outcome((root) => {
      mkdirSync(join(root, 'services/late'));
      writeJson(join(root, 'services/late/package.json'), { ...manifest, name: '@services/late' });
    });
    expect(sentence).toMatch(/^services\/late\/package\.json has the name "@services\/late".*npm install/);
    expect(packages).toBeUndefined();
  });
});

test('the workspaces of this repository have the names in the lock file', () => {
  expect(existsSync('package-lock.json')).toBe(true);
  expect(() => refuseStandIns('.')).not.toThrow();
});
