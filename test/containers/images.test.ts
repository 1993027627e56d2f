import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ImageName, imageNames } from '../../lib/config/index.ts';
import { imageOf } from '../../local/containers/images/build-images.ts';
import {
  debianPackages,
  type ImageFile,
  imageFiles,
  setuidFiles,
} from '../../local/containers/images/image-files.ts';
import { configuredDeployment } from '../../local/pipeline/cdk-context.ts';
import { type BuiltImages, builtImages } from './built-images.ts';
import { revision, source } from './global-setup.ts';

let built: BuiltImages;
beforeAll(async () => {
  built = await builtImages();
});

/** Runs a program of an image with a read-only file system and no network. */
const run = (image: ImageName, program: string, ...words: string[]) =>
  built.engine.run([
    'run',
    '--rm',
    '--no-healthcheck',
    '--network=none',
    '--read-only',
    `--entrypoint=${program}`,
    imageOf(built.images, image).reference,
    ...words,
  ]);
const node = (image: ImageName, script: string) =>
  run(image, 'node', '--input-type=module', '--eval', script);

/** Returns the output of a program of an image on both streams, even if it fails. */
const said = (image: ImageName, program: string, ...words: string[]) =>
  node(
    image,
    `import { spawnSync } from 'node:child_process';
    const { stdout, stderr } = spawnSync(...${JSON.stringify([program, words])}, { encoding: 'utf8' });
    console.log(stdout + stderr);`,
  );

/** The expected properties of an image. */
const ofService = {
  user: '1002:1002',
  volumes: ['/var/scratch'],
  programs: [] as string[],
  packages: ['libc6'],
  // Only set in the task definition.
  health: undefined as string[] | undefined,
};
const ofSidecar: typeof ofService = {
  user: '1001:1002',
  volumes: ['/run/ticket-sidecar', '/var/scratch'],
  programs: ['kdestroy', 'kinit', 'klist', 'kvno'],
  packages: ['libc6', 'libgssapi-krb5-2', 'libkrb5-3'],
  health: ['CMD', 'node', 'health.mjs'],
};
const names = imageNames(configuredDeployment());
const services = names.filter((name) => name !== 'sidecar');

describe.each(names.map((name) => [name, name === 'sidecar' ? ofSidecar : ofService] as const))(
  'the image of %s',
  (name, expected) => {
    let files: ImageFile[];
    let config: Record<string, unknown>;
    let healthcheck: { readonly Test: readonly string[] } | undefined;
    const file = (path: string) => files.find((one) => one.path === path);

    beforeAll(async () => {
      const { reference } = imageOf(built.images, name);
      files = await imageFiles(built.engine, reference);
      config = JSON.parse(
        await built.engine.run(['image', 'inspect', '--format', '{{json .Config}}', reference]),
      );
      const [image] = JSON.parse(await built.engine.run(['image', 'inspect', reference]));
      // podman reports it next to the configuration, Docker inside it.
      healthcheck = image.Healthcheck ?? image.Config.Healthcheck;
    });

    test('runs as its own user, with the volumes that a task shares', () => {
      expect(config.User).toBe(expected.user);
      expect(Object.keys(config.Volumes as object).sort()).toEqual(expected.volumes);
      expect(file('var/scratch')).toMatchObject({ mode: 'drwxr-s---', owner: '1001/1002' });
    });

    test('defines its health check and how it is stopped', () => {
      expect(healthcheck?.Test).toEqual(expected.health);
      expect(config.StopSignal).toBe('SIGTERM');
      // In exec form, so that node itself receives the signal.
      expect(config.Entrypoint).toEqual(['node', 'main.mjs']);
    });

    test('states its source', () => {
      expect(config.Labels).toMatchObject({
        'org.opencontainers.image.title': name,
        'org.opencontainers.image.revision': revision,
        'org.opencontainers.image.licenses': 'Apache-2.0',
        'org.opencontainers.image.source': source,
      });
    });

    test('contains no shell, package manager, compiler or unused program', () => {
      const programs = files
        .filter(({ path, mode }) => /^(usr\/)?s?bin\//.test(path) && /^-.*x/.test(mode))
        .map(({ path }) => path.split('/').at(-1));
      expect(programs.sort()).toEqual([...expected.programs, 'node'].sort());
    });

    test('contains no set-user-ID or set-group-ID files', () => {
      expect(setuidFiles(files)).toEqual([]);
    });

    test('only the volumes belong to its user', () => {
      const owned = files.filter(({ owner }) => owner !== '0/0').map(({ path }) => `/${path}`);
      expect(owned.sort()).toEqual(expected.volumes);
    });

    test('no other user may write to a file', () => {
      const writable = files.filter(({ mode }) => /^[^l].{7}w/.test(mode)).map(({ path }) => path);
      // Sticky folders of Debian's base-files; the root file system is read-only at run time.
      expect(writable.sort()).toEqual(['tmp', 'var/tmp']);
    });

    test('contains no source, source map, lock file or build dependency', () => {
      const unwanted = /\.(ts|map|cc|h)$|package-lock\.json$|\.npmrc$|^build|esbuild|node-gyp|aws-cdk/;
      expect(files.map(({ path }) => path).filter((path) => unwanted.test(path))).toEqual([]);
    });

    test('lists its contents for scanners and lawyers', () => {
      expect(debianPackages(files)).toEqual(expect.arrayContaining([...expected.packages]));
      expect(debianPackages(files)).not.toContain('libssl3');
      expect(file('etc/os-release') ?? file('usr/lib/os-release')).toBeDefined();
      for (const packaged of expected.packages) {
        expect(file(`usr/share/doc/${packaged}/copyright`)).toBeDefined();
      }
      expect(file('usr/share/doc/node/copyright')).toBeDefined();
    });

    test('has the Node.js that package.json names', async () => {
      const { optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
      expect(await node(name, 'console.log(process.versions.node)')).toBe(
        optionalDependencies[`node-linux-${process.arch}`],
      );
    });

    test('a wrong configuration is reported in sentences, without a stack trace', async () => {
      const message = await said(name, 'node', 'main.mjs');
      expect(message).toMatch(/SQL_\w+ is not set/);
      expect(message).not.toMatch(/^\s+at /m);
    });
  },
);

test.each(['kinit', 'kvno', 'klist', 'kdestroy'])(
  'the sidecar finds %s, which finds its libraries',
  async (tool) => {
    expect(await said('sidecar', tool, '-?')).toMatch(new RegExp(`^usage: ${tool}`, 'im'));
  },
);

test.each(services)('%s contains no native Kerberos code: no addon, no library', async (name) => {
  const paths = (await imageFiles(built.engine, imageOf(built.images, name).reference)).map(
    ({ path }) => path,
  );
  expect(paths.filter((path) => /\.node$|krb5|gssapi|node_modules\/kerberos/.test(path))).toEqual([]);
});

test.each(services)('%s trusts only the roots of Amazon RDS', async (name) => {
  const script = `
    import { readFileSync } from 'node:fs';
    import { X509Certificate } from 'node:crypto';
    const text = readFileSync('/etc/ssl/certs/rds-global-bundle.pem', 'utf8');
    const subjects = text.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g).map((pem) => new X509Certificate(pem).subject);
    console.log(JSON.stringify(subjects));`;
  const subjects: string[] = JSON.parse(await node(name, script));
  for (const subject of subjects) expect(subject).toMatch(/^CN=Amazon RDS [a-z]{2}-[a-z]+-\d Root CA /m);
  expect(subjects.filter((subject) => subject.includes('eu-central-1'))).toHaveLength(3);
});
