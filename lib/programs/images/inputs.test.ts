import {
  chmodSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readBuildspec } from '../../constructs/common/buildspec-file.ts';
import { copyInputs, imageInputs, isInput } from './inputs.ts';

const web = { service: 'web', architecture: 'arm64', repository: 'https://github.com/example/service' };

describe("The key of an image's inputs", () => {
  let source: string;
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(source, path)), { recursive: true });
    writeFileSync(join(source, path), text);
  };
  const key = (kind = web) => imageInputs(source, kind).key;

  const inputs = [
    '.dockerignore',
    '.npmrc',
    'base-images.json',
    'a-file-nobody-has-thought-of',
    'buildspecs/image.yml',
    'lib/aws/clients.ts',
    'lib/config/provenance-names.ts',
    'lib/node_modules/zod/index.js',
    'lib/programs/image-state.ts',
    'lib/programs/images/inputs.ts',
    'new-folder/file.ts',
    'package-lock.json',
    'package.json',
    'packages/contracts/package.json',
    'packages/contracts/src/index.ts',
    'packages/kerberos/src/index.ts',
    'packages/service/build.ts',
    'packages/service/image/certificate-authorities.ts',
    'packages/tedious-kerberos/src/index.ts',
    'services/Dockerfile',
    'services/image/make-root.sh',
    'services/web/Dockerfile',
    'services/web/build.ts',
    'services/web/docs/shown.md',
    'services/web/package.json',
    'services/web/src/main.ts',
    'tsconfig.json',
  ];
  const others = [
    '.github/workflows/publish.yml',
    'README.md',
    'accepted-findings.json',
    'bin/app.ts',
    'cdk.json',
    'docs/deploy.md',
    'lib/constructs/service/kerberos-task.ts',
    'lib/delivery/pipeline-stack.ts',
    'lib/operator/release/program.ts',
    'lib/stacks/service-stack.ts',
    'lib/stages/service-stage.ts',
    'local/rehearsal/rehearsal.ts',
    'node_modules/zod/index.js',
    'packages/cdk-kerberos-sidecar/src/index.ts',
    'services/job/src/main.ts',
    'services/sidecar/Dockerfile',
    'services/worker/package.json',
    'test/walls.test.ts',
  ];

  beforeEach(() => {
    source = mkdtempSync(join(tmpdir(), 'inputs-'));
    for (const path of [...inputs, ...others]) write(path, path);
  });
  afterEach(() => rmSync(source, { recursive: true }));

  test.each(inputs)('changes with %s', (path) => {
    const before = key();
    write(path, 'changed');
    const changed = key();
    rmSync(join(source, path));
    const without = key();
    write(`${path}-beside`, path);
    expect(new Set([before, changed, without, key()]).size).toBe(4);
    rmSync(join(source, `${path}-beside`));
    write(path, path);
    expect(key()).toBe(before);
  });

  test.each(others)('does not change with %s', (path) => {
    const before = key();
    write(path, 'changed');
    expect(key()).toBe(before);
    rmSync(join(source, path));
    expect(key()).toBe(before);
  });

  test('depends on the service, the processor and the repository, too', () => {
    const kinds = [
      web,
      { ...web, service: 'worker' },
      { ...web, architecture: 'x86_64' },
      { ...web, repository: 'https://github.com/example/fork' },
    ];
    expect(new Set(kinds.map(key)).size).toBe(kinds.length);
  });

  test('depends on the executable bit, and on where a name ends and the content begins', () => {
    const before = key();
    chmodSync(join(source, 'services/image/make-root.sh'), 0o755);
    const executable = key();
    chmodSync(join(source, 'services/image/make-root.sh'), 0o644);
    write('services/web/a', 'bc');
    const one = key();
    rmSync(join(source, 'services/web/a'));
    write('services/web/ab', 'c');
    expect(new Set([before, executable, one, key()]).size).toBe(4);
  });

  test('is refused for a link, whose target can change without it', () => {
    symlinkSync('../../docs/deploy.md', join(source, 'services/web/linked'));
    expect(() => key()).toThrow('services/web/linked is neither a file nor a folder');
    expect(() => key({ ...web, service: 'worker' })).not.toThrow();
  });

  test('covers what is copied for the build: no more, and no less', () => {
    const folder = mkdtempSync(join(tmpdir(), 'context-'));
    copyInputs(source, imageInputs(source, web), folder);
    const copied = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
    expect(copied.sort()).toEqual([...inputs].sort());
    expect(imageInputs(folder, web).key).toBe(key());
    rmSync(folder, { recursive: true });
  });
});

describe('A path that is not an input', () => {
  const { install, pre_build, build } = readBuildspec('image').phases;
  const programs = [install, pre_build, build]
    .flatMap((phase) => phase?.commands ?? [])
    .flatMap((command) =>
      [...command.matchAll(/node (lib\/programs\/[\w-]+\.ts)/g)].map(([, path = '']) => path),
    );
  /** Whether a path is an input, with every folder on the way to it. */
  const within = (path: string, service: string) =>
    path.split('/').every((_, index, parts) => isInput(parts.slice(0, index + 1).join('/'), service));
  /** The files of this repository that a program runs. */
  const filesOf = (program: string) =>
    Object.keys(
      buildSync({
        entryPoints: [program],
        bundle: true,
        platform: 'node',
        format: 'esm',
        metafile: true,
        write: false,
        packages: 'external',
        logLevel: 'silent',
      }).metafile?.inputs ?? {},
    );

  test('is not run by the programs that build an image', () => {
    expect(programs).toHaveLength(6);
    for (const program of programs) {
      const files = filesOf(program);
      expect(files).toContain(program);
      expect(files.filter((file) => !within(file, 'web'))).toEqual([]);
    }
  });

  test('is not copied by a Dockerfile', () => {
    const dockerfiles = globSync('services/{,*/}Dockerfile');
    expect(dockerfiles).toContain('services/Dockerfile');
    for (const dockerfile of dockerfiles) {
      const service = /services\/([^/]+)\/Dockerfile/.exec(dockerfile)?.[1] ?? 'web';
      const copied = [...readFileSync(dockerfile, 'utf8').matchAll(/^COPY (?!--from)(.+) \S+$/gm)]
        .flatMap(([, words = '']) => words.split(' '))
        // biome-ignore lint/suspicious/noTemplateCurlyInString: as the Dockerfile writes it
        .map((path) => path.replaceAll('${SERVICE}', service).replace(/\/$/, ''));
      expect(copied.length).toBeGreaterThan(5);
      expect(copied.filter((path) => !within(path, service))).toEqual([]);
    }
  });

  test('is determined before npm has installed anything, by code that needs no packages', () => {
    const [, key = '', , npm = ''] = install?.commands ?? [];
    expect([key, npm]).toEqual([
      expect.stringContaining('image-inputs.ts'),
      expect.stringContaining('npm ci'),
    ]);
    const imported = buildSync({
      entryPoints: ['lib/programs/image-inputs.ts'],
      bundle: true,
      platform: 'node',
      format: 'esm',
      metafile: true,
      write: false,
      logLevel: 'silent',
    }).metafile?.inputs;
    expect(Object.keys(imported ?? {}).sort()).toEqual([
      'lib/programs/image-inputs.ts',
      'lib/programs/images/inputs.ts',
      'lib/programs/images/stand-ins.ts',
    ]);
  });
});
