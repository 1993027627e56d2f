import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { services } from '../lib/config/services.ts';
import { sourceFiles } from './source-files.ts';

const tracked = sourceFiles();
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  packages: Record<
    string,
    { version?: string; resolved?: string; optionalDependencies?: Record<string, string> }
  >;
};
type Lock = typeof lock;

test('the lock file holds no download address', () => {
  const addresses = Object.values(lock.packages).flatMap(({ resolved }) =>
    resolved?.includes(':') ? [resolved] : [],
  );
  expect(addresses).toEqual([]);
});

/** The person who installs packages chooses their source: npm's default registry or a mirror. */
test('no source file names a registry of packages', () => {
  const hosts = ['registry npmjs', 'registry yarnpkg', 'npm pkg github', 'npm jsr', 'files pythonhosted'];
  const named = new RegExp(hosts.map((host) => host.replaceAll(' ', '\\.')).join('|'));
  const places = tracked.filter((path) => named.test(readFileSync(path, 'latin1')));
  expect(places).toEqual([]);
});

/**
 * npm drops optional packages of other platforms from a lock file that it writes next to an existing node_modules, and
 * `npm ci` then refuses the lock file.
 */
test("the lock file knows every platform's optional packages", () => {
  const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter(
        (name) =>
          !(`${path}/node_modules/${name}` in lock.packages || `node_modules/${name}` in lock.packages),
      )
      // An optional dependency for a feature, not for a platform: npm omits it if nothing requires it.
      .filter((name) => name !== 'graceful-fs'),
  );
  expect(missing).toEqual([]);
});

/**
 * Dependencies of a workspace that are missing from the lock file. `npm ci` would report them late, first in image
 * builds.
 */
function unlocked(manifest: string, { packages } = lock): string[] {
  const wanted = JSON.parse(readFileSync(manifest, 'utf8'));
  const folder = manifest.replace(/\/?package\.json$/, '');
  const locked = packages[folder] as typeof wanted | undefined;
  const keys = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];
  return locked ? keys.filter((key) => !isDeepStrictEqual(locked[key], wanted[key])) : keys;
}

describe('the lock file has the dependencies of each package.json (npm install --ignore-scripts updates it)', () => {
  const manifests = tracked.filter((path) => /^((packages|services)\/[^/]+\/)?package\.json$/.test(path));

  test.each(manifests)('%s', (manifest) => expect(unlocked(manifest)).toEqual([]));

  const slips: [what: string, slip: (packages: Lock['packages']) => void][] = [
    ['a workspace that is new', (packages) => delete packages['services/web']],
    [
      'another version',
      ({ 'services/web': web }) => Object.assign(web ?? {}, { dependencies: { hono: '0.0.1' } }),
    ],
  ];
  test.each(slips)('%s is found', (_, slip) => {
    const changed = structuredClone(lock);
    slip(changed.packages);
    expect(unlocked('services/web/package.json', changed)).toContain('dependencies');
  });
});

// This limit is rarely reached. Small files are a habit here, but one idea must not be split up for the sake of a
// number.
test('no source file is longer than 400 lines', () => {
  const long = tracked
    .filter((path) => /\.(ts|mts|mjs)$/.test(path))
    .filter((path) => readFileSync(path, 'utf8').split('\n').length > 401);
  expect(long).toEqual([]);
});

test('no comment is wider than 125 columns, except for URLs', () => {
  const wide = tracked
    .filter((path) => /\.(ts|mts|mjs)$/.test(path))
    .flatMap((path) =>
      readFileSync(path, 'utf8')
        .split('\n')
        .flatMap((line, index) =>
          line.length > 125 && /^\s*(\/\*\*|\*|\/\/) (?!.*https:)/.test(line) ? [`${path}:${index + 1}`] : [],
        ),
    );
  expect(wide).toEqual([]);
});

test('types are strict, with exact optional properties, in all code', () => {
  const { include, compilerOptions } = JSON.parse(readFileSync('tsconfig.json', 'utf8'));
  expect(include).toEqual(['bin', 'lib', 'packages', 'services', 'local', 'test', '*.ts']);
  expect(compilerOptions).toMatchObject({ strict: true, exactOptionalPropertyTypes: true });
});

test('packages whose internals we use, and all dependencies, are pinned exactly', () => {
  const manifests = tracked.filter((path) => path.endsWith('package.json'));
  const loose = manifests.flatMap((path) => {
    const {
      dependencies = {},
      devDependencies = {},
      optionalDependencies = {},
    } = JSON.parse(readFileSync(path, 'utf8'));
    return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
      .filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version as string))
      .map(([name, version]) => `${path}: ${name} ${version}`);
  });
  expect(loose).toEqual([]);
});

// In the form of its documentation, which lets a bundler leave out unused code.
test('zod is imported in one form', () => {
  const others = tracked
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => readFileSync(path, 'utf8').match(/^import .* from 'zod(\/mini)?';$/gm) ?? [])
    .filter((line) => !/^import (type )?\* as z from /.test(line));
  expect(others).toEqual([]);
});

test('comments contain no types, and @throws names errors without braces', () => {
  const braced = tracked
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => readFileSync(path, 'utf8').match(/^.*\* .*@(throws|param|returns) \{.*$/gm) ?? []);
  expect(braced).toEqual([]);
});

describe('git and image builds include the folder of a service, whatever its name', () => {
  /** Names that are ignored in any folder and that a service could have. */
  const leftOut = (lines: readonly string[]) =>
    lines.flatMap((line) => /^(?:\*\*\/)?([a-z][a-z0-9-]*)\/?$/.exec(line)?.[1] ?? []);
  const mayBeCalled = (name: string) => services.safeParse({ [name]: { kind: 'worker' } }).success;
  const hidden = (lines: readonly string[]) => leftOut(lines).filter(mayBeCalled);

  test.each(['.gitignore', '.dockerignore'])('%s', (file) => {
    const lines = readFileSync(file, 'utf8').split('\n');
    expect(leftOut(lines)).toContain('dist');
    expect(hidden(lines)).toEqual([]);
  });

  test('a violation is found', () => {
    expect(hidden(['/coverage/', 'reports/', '**/tables', 'dist/'])).toEqual(['reports', 'tables']);
  });
});

/** The publisher of a package could otherwise run code on every machine that installs it. */
test('packages are installed without running their scripts, in every build and image', () => {
  const installing = tracked
    .filter((path) => /^buildspecs\/.*\.yml$|(^|\/)Dockerfile$/.test(path))
    .flatMap((path) => readFileSync(path, 'utf8').split('\n'))
    .filter((line) => /\bnpm (ci|i|install)\b/.test(line));
  expect(installing.length).toBeGreaterThan(2);
  expect(installing.filter((line) => !line.includes(' --ignore-scripts '))).toEqual([]);
});

test('no code of the web service starts processes or calls AWS', () => {
  const made = tracked.filter((path) =>
    /^(services\/web|packages\/(contracts|kerberos|service|tedious-kerberos))\/src\/.*(?<!\.test)\.ts$/.test(
      path,
    ),
  );
  expect(made.length).toBeGreaterThan(50);
  const could = (text: string) =>
    /'(node:)?(child_process|cluster)'|'execa'|'@aws-sdk\/|\bprocess\.binding\b/.test(text);
  expect(made.filter((path) => could(readFileSync(path, 'utf8')))).toEqual([]);
  expect(could("import { spawn } from 'node:child_process';")).toBe(true);
  expect(could("await import('@aws-sdk/client-sts')")).toBe(true);
});

describe('an image build', () => {
  const dockerfiles = tracked.filter((path) => /^services\/([^/]+\/)?Dockerfile$/.test(path));
  const copied = (path: string) =>
    [...readFileSync(path, 'utf8').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources]) =>
      (sources as string).split(' '),
    );

  test('there are several', () => expect(dockerfiles.length).toBeGreaterThan(1));

  test.each(dockerfiles)('%s can copy its files despite .dockerignore', (path) => {
    const lines = readFileSync('.dockerignore', 'utf8').split('\n');
    const open = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    const held = copied(path).filter(
      (source) => !open.some((path) => source === path || source.startsWith(`${path}/`)),
    );
    expect(held).toEqual([]);
  });
});

test.each([
  ['local', 'local'],
  ['test', 'test'],
  ['packages/contracts', 'packages/contracts/src'],
])('the table of %s/README.md has every folder there, and no other', (room, folder) => {
  const table = readFileSync(`${room}/README.md`, 'utf8').matchAll(/^\| `([\w-]+)\/` +\|/gm);
  const folders = tracked.flatMap((path) => path.match(new RegExp(`^${folder}/([^/]+)/`))?.[1] ?? []);
  expect([...table].map(([, folder]) => folder).sort()).toEqual([...new Set(folders)].sort());
});
