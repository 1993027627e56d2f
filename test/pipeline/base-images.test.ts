import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AwsEndpoint, AwsFault, startAwsEndpoint } from '../../local/pipeline/aws/aws-endpoint.ts';
import { compileCache } from '../../local/processes/compile-cache.ts';
import { Clone } from './clone.ts';
import { orderOf } from './invariants/order.ts';
import { runAction, searchPath } from './run-action.ts';
import { variant } from './variants.ts';

const base = 'public.ecr.aws/docker/library/node:24.21.0-bookworm-slim';
const [first, second] = ['a', 'b'].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string];
const revision = 'c'.repeat(40);
const source = orderOf(variant('the example').pipeline).actions.find(({ name }) => name === 'Source');

interface Built {
  readonly bases: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly pushed: boolean;
}

describe('The base image of a build', () => {
  let clone: Clone;
  let folder: string;
  let endpoint: AwsEndpoint;
  const built = () =>
    Object.values(JSON.parse(readFileSync(join(folder, 'built.json'), 'utf8')) as Record<string, Built>)[0];

  beforeAll(() => {
    clone = new Clone();
  });
  afterAll(() => clone.remove());
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fake-docker-'));
    mkdirSync(join(folder, 'bin'));
    const docker = join(import.meta.dirname, 'fakes', 'docker.ts');
    chmodSync(docker, 0o755);
    symlinkSync(docker, join(folder, 'bin', 'docker'));
    writeFileSync(join(folder, 'built.json'), '{}');
    endpoint = await startAwsEndpoint({
      'ECR.GetAuthorizationToken': () => ({
        authorizationData: [{ authorizationToken: Buffer.from('AWS:x').toString('base64') }],
      }),
      'ECR.DescribeImages': () => {
        if (built()?.pushed) return { imageDetails: [{ imageDigest: first }] };
        throw new AwsFault('ImageNotFoundException', 'There is no such image.');
      },
      'ECR.DescribeImageScanFindings': () => ({
        imageScanStatus: { status: 'COMPLETE' },
        imageScanFindings: { findingSeverityCounts: {} },
      }),
    });
  });
  afterEach(async () => {
    await endpoint.stop();
    rmSync(folder, { recursive: true });
    clone.write('base-images.json', '{}');
  });

  /** Sets the digests that the registry returns for the base's tag, one after the other. */
  const register = (digests: readonly string[]) =>
    writeFileSync(
      join(folder, 'registry.json'),
      JSON.stringify(digests.length > 0 ? { [base]: digests } : {}),
    );
  /** Environment variables with the fake docker and its registry. */
  const dockerEnvironment = () => ({
    FAKE_DOCKER: folder,
    IMAGE_REGIONS: 'eu-central-1',
    POLL_SECONDS: '0.01',
    PATH: `${join(folder, 'bin')}${delimiter}${searchPath()}`,
  });

  /** Runs the build of an image with a registry that returns these digests for the base's tag, one after the other. */
  async function build(
    digests: readonly string[],
    { image = 'sidecar', without = /^npm ci/ }: { readonly image?: string; readonly without?: RegExp } = {},
  ) {
    register(digests);
    const dockerfiles = ['services/Dockerfile', 'services/sidecar/Dockerfile'];
    const before = dockerfiles.map((file) => [file, clone.read(file)] as const);
    try {
      return await runAction(`Build/Image-${image}`, {
        directory: clone.directory,
        variables: { [source?.namespace ?? '']: { CommitId: revision } },
        aws: { ...endpoint.environment, ...dockerEnvironment() },
        without,
      });
    } finally {
      for (const [file, text] of before) clone.write(file, text);
    }
  }

  /** Builds an image while the tag of its base moves, and expects the first base in the image, its label and its SBOM. */
  async function isRecorded(image: string) {
    const { status, log } = await build([first, second], { image });
    expect(status, log).toBe('SUCCEEDED');
    expect(built()?.labels['base-images']).toBe(`${base}@${first}`);
    expect([...new Set(built()?.bases)]).toEqual([first]);
    const { metadata } = JSON.parse(clone.read(`sbom/${image}.cdx.json`));
    expect(metadata.component.pedigree.ancestors).toEqual([
      {
        type: 'container',
        name: base,
        version: first,
        purl: `pkg:oci/node@sha256%3A${'a'.repeat(64)}?repository_url=public.ecr.aws/docker/library/node&tag=24.21.0-bookworm-slim`,
        hashes: [{ alg: 'SHA-256', content: 'a'.repeat(64) }],
      },
    ]);
  }

  test('of web is the recorded one, even if its tag moves meanwhile', () => isRecorded('web'));

  test('of the sidecar is also the recorded one; a later build reads it from the image or refuses the image', async () => {
    await isRecorded('sidecar');
    const [name = ''] = Object.keys(JSON.parse(readFileSync(join(folder, 'built.json'), 'utf8')));
    rmSync(join(clone.directory, 'sbom'), { recursive: true });
    const { status, log } = await build([second]);
    expect(status, log).toBe('SUCCEEDED');
    expect(clone.read('sbom/sidecar.cdx.json')).toContain(first);
    writeFileSync(
      join(folder, 'built.json'),
      JSON.stringify({ [name]: { bases: [first], labels: {}, pushed: true } }),
    );
    const unknown = await build([first]);
    expect(unknown.status).toBe('FAILED');
    expect(unknown.log).toContain('has no label base-images, so its base images are unknown.');
  });

  test('would differ from the recorded one if it were only recorded and not pinned', async () => {
    const program = clone.read('lib/programs/pin-base-images.ts');
    const without = program.replace(/^ *writeFileSync\(.*$/m, '');
    expect(without).not.toBe(program);
    clone.write('lib/programs/pin-base-images.ts', without);
    // The steps after the push do not depend on the base image.
    await build([first, second], { without: /^npm ci|image-contents\.ts|await-image\.ts/ }).finally(() =>
      clone.write('lib/programs/pin-base-images.ts', program),
    );
    expect(built()?.pushed).toBe(true);
    expect(built()?.bases).toContain(second);
    expect(built()?.labels['base-images']).toBe(`${base}@${first}`);
  });

  test('is refused if it differs from the lock, and nothing is built or pushed', async () => {
    clone.write('base-images.json', JSON.stringify({ [base]: second }));
    const { status, log } = await build([first]);
    expect(status).toBe('FAILED');
    expect(log).toContain(`base-images.json requires ${base} to be ${second}, but the registry has ${first}`);
    expect(built()).toBeUndefined();
  });

  describe('as pinned by pin-base-images.ts,', () => {
    const original = readFileSync(join(import.meta.dirname, '../../services/Dockerfile'), 'utf8');
    const pinned = original.replace(/^FROM \$\{NODE_IMAGE\}/gm, `FROM ${base}@${first}`);

    /** Runs the program with a lock and a registry that returns these digests for the base's tag, one after the other. */
    async function pin(digests: readonly string[], lock = '{}') {
      register(digests);
      writeFileSync(join(folder, 'base-images.json'), lock);
      writeFileSync(join(folder, 'Dockerfile'), original);
      const program = join(import.meta.dirname, '../../lib/programs/pin-base-images.ts');
      const { exitCode, stdout, stderr } = await execa(process.execPath, [program, 'Dockerfile'], {
        cwd: folder,
        env: {
          ...compileCache(),
          ...dockerEnvironment(),
          AWS_REGION: 'eu-central-1',
          IMAGE_REPOSITORY: 'windows-auth/web',
          IMAGE_TAG: revision,
          FAIL_ON_SEVERITY: 'HIGH',
        },
        extendEnv: false,
        reject: false,
      });
      return { exitCode, stdout, stderr, text: readFileSync(join(folder, 'Dockerfile'), 'utf8') };
    }
    /** The base is recorded, and each stage that uses it is pinned to it. */
    const isPinned = { exitCode: 0, stdout: `${base}@${first}`, text: pinned };
    /** Nothing is recorded, and the Dockerfile stays unpinned. */
    const isRefused = (sentence: string) => ({
      ...{ exitCode: 1, stdout: '', text: original },
      stderr: expect.stringContaining(sentence),
    });

    test('is refused if the registry does not know it', async () => {
      expect(await pin([])).toEqual(
        isRefused(`The base image ${base} cannot be looked up: ERROR: ${base}: not found`),
      );
    });

    test('is requested up to five times while the registry is busy', async () => {
      const busy = /did not return the digest of .+, trying again: ERROR: .+ 429 Too Many Requests/g;
      const answered = await pin(['busy', 'busy', 'busy', 'busy', first]);
      expect(answered).toMatchObject(isPinned);
      expect(answered.stderr.match(busy)).toHaveLength(4);
      const refused = await pin(['busy', 'busy', 'busy', 'busy', 'busy', first]);
      expect(refused).toEqual(
        isRefused(`The base image ${base} cannot be looked up: ERROR: unexpected status`),
      );
      expect(refused.stderr.match(busy)).toHaveLength(4);
    });

    test('is accepted only with the locked digest', async () => {
      const lock = JSON.stringify({ [base]: first });
      expect(await pin([first], lock)).toMatchObject(isPinned);
      expect(await pin([second], lock)).toEqual(
        isRefused(`base-images.json requires ${base} to be ${first}, but the registry has ${second}`),
      );
    });

    test.each([
      [
        'with only other tags',
        JSON.stringify({ 'public.ecr.aws/docker/library/node:24': first }),
        `has no digest for ${base}`,
      ],
      [
        'with a value that is not a digest',
        JSON.stringify({ [base]: 'sha256:1' }),
        `base-images.json: ${base}: it must be a digest`,
      ],
      [
        'that is a list',
        JSON.stringify([first]),
        'base-images.json: it must be an object that maps names of images to digests.',
      ],
      ['that is not JSON', '{', 'base-images.json is not JSON: '],
    ])('is refused by a lock %s', async (_, lock, sentence) => {
      expect(await pin([first], lock)).toEqual(isRefused(sentence));
    });

    test('cannot be looked up without docker, which is reported immediately', async () => {
      const env = { ...compileCache(), PATH: dirname(process.execPath) };
      const { exitCode, stderr } = await execa(process.execPath, ['lib/programs/lock-base-images.ts'], {
        ...{ env, extendEnv: false, reject: false },
      });
      expect({ exitCode, stderr }).toEqual({
        exitCode: 1,
        stderr: 'Looking up base images needs docker with buildx: install both.',
      });
    });
  });
});
