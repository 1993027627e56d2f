import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadDeployment, sourceAddress } from '../../lib/config/index.ts';
import { provenanceBucketName, provenanceKeys } from '../../lib/config/provenance-names.ts';
import { bucketOperations } from '../../local/pipeline/aws/bucket-operations.ts';
import { DeliveryRecord } from '../../local/pipeline/aws/delivery-record.ts';
import { roleOperations, stackOperations } from '../../local/pipeline/aws/stack-operations.ts';
import { exampleDeployment, exampleInput } from '../infrastructure/example-deployment.ts';
import { changedBundleTests, rewriteBundle } from './changed-bundles.ts';
import { builtDigest, builtDigests, writtenBase } from './fakes/built-delivery.ts';
import { FakePipeline, type FakeStage } from './fakes/fake-pipeline.ts';
import { pipelineOperations } from './fakes/pipeline-operations.ts';
import { signedStatement } from './fakes/signed-statement.ts';
import { approvalStage, deployment, examplePipeline, type Harness, startHarness } from './release-harness.ts';

const commit = 'c'.repeat(40);
const images = Object.entries(builtDigests()).map(([image, digest]) => ({
  name: `windows-auth/${image}`,
  digest,
}));
const [one = { name: '', digest: '' }] = images;
const sbom = JSON.stringify({ bomFormat: 'CycloneDX', components: [{ name: 'node' }, { name: 'libc6' }] });
const worker = { name: 'windows-auth/worker', digest: builtDigest(images.length) };
const templateOf = (run: typeof images, family = 'windows-auth-production-web') => {
  const task = (Family: string, containers: typeof images) => ({
    Type: 'AWS::ECS::TaskDefinition',
    Properties: {
      Family,
      ContainerDefinitions: containers.map(({ name, digest }) => ({
        Image: {
          'Fn::Join': ['', ['111111111111.dkr.ecr.', { Ref: 'AWS::URLSuffix' }, `/${name}@${digest}`]],
        },
      })),
    },
  });
  const sidecars = run.filter(({ name }) => name.endsWith('/sidecar'));
  return { Resources: { Task: task(family, run), Doctor: task(`${family}-doctor`, sidecars) } };
};
const template = templateOf(images);
const [sidecar = one] = images.filter(({ name }) => name.endsWith('/sidecar'));

describe('release verify', () => {
  let folder: string;
  let harness: Harness | undefined;
  let pipeline: FakePipeline;
  let delivery: DeliveryRecord;
  let keyFile: string;
  let bundleFile: string;
  const kept = (image: { name: string; digest: string }) => {
    const keys = provenanceKeys(image);
    const bucket = join(folder, provenanceBucketName(deployment));
    return { statement: join(bucket, keys.statement), sbom: join(bucket, keys.sbom) };
  };

  /** Stores what the pipeline would have stored about the images. */
  async function signImages(revision: string, all = images): Promise<void> {
    for (const image of all) {
      mkdirSync(dirname(kept(image).statement), { recursive: true });
      writeFileSync(kept(image).statement, await signedStatement(delivery, image, { revision, sbom }));
      writeFileSync(kept(image).sbom, sbom);
    }
  }

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'verify-'));
    keyFile = join(folder, 'key.pem');
    bundleFile = join(folder, 'bundle.json');
    const [source, build, ...environments] = examplePipeline().stages;
    const asked = approvalStage('Pipeline-approval', 'The pipeline would change.');
    pipeline = new FakePipeline('windows-auth', [source, build, asked, ...environments] as FakeStage[]);
    delivery = new DeliveryRecord();
    writeFileSync(keyFile, delivery.publicKey.export({ type: 'spki', format: 'pem' }));
    await signImages(commit);
    pipeline.deliver(commit, 'The commit');
    for (const action of pipeline.actionExecutions.filter((each) => each.action.category === 'Approval'))
      Object.assign(action, {
        by: 'arn:aws:sts::111111111111:assumed-role/operators/alice',
        summary: 'read it',
      });
    harness = await start(
      ['staging', 'production'].map(
        (name) => [`windows-auth-${name}-service`, templateOf(images, `windows-auth-${name}-web`)] as const,
      ),
    );
  });
  const start = (stacks: readonly (readonly [string, object])[], of = deployment) => {
    const operations = {
      ...pipelineOperations(pipeline),
      ...delivery.operations,
      // The executions come from the fake pipeline rather than from the delivery record.
      ...Object.fromEntries(
        Object.entries(pipelineOperations(pipeline)).filter(([name]) => name.startsWith('CodePipeline.')),
      ),
      ...roleOperations,
      ...stackOperations(new Map(stacks)),
      ...bucketOperations(folder),
    };
    return startHarness(operations, undefined, undefined, of);
  };
  afterEach(async () => {
    await harness?.stop();
    rmSync(folder, { recursive: true });
  });
  const verify = async (...words: string[]) =>
    (await harness?.release('verify', ...words)) ?? { output: '', error: '', exitCode: 1 };

  test('shows commit, build, materials, scan, gates and approvals of the running images', async () => {
    const { output, error, exitCode } = await verify('production');
    expect([error, exitCode]).toEqual(['', 0]);
    expect(output).toMatch(/^production runs cccccccc The commit \(execution [0-9a-f]{8}\)$/m);
    for (const { name, digest } of images) expect(output).toContain(`✔ ${name}@${digest}`);
    expect(output).toContain(`commit     ${commit} of ${sourceAddress(deployment)}`);
    expect(output).toContain('build      arn:aws:codebuild:…:build/x:1, 2026-01-01T00:10:00.000Z');
    expect(output.match(/^ {2}from {7}registry\S+@sha256:9{64}$/gm)).toHaveLength(images.length);
    expect(output).not.toContain('Not all images are built from the same');
    expect(output).toContain('materials  2 components, SHA-256 ');
    expect(output).toContain(
      'scan       nothing of HIGH or above but what is accepted (CVE-2026-1 until 2026-12-31); found: 2 LOW',
    );
    expect(output).toContain('Tests      passed: arn:aws:codebuild:…:build/tests:1');
    expect(output).toMatch(/✔ production-service-approval: arn:\S+\/alice, \S+: read it/);
    expect(output).not.toContain('staging-service-approval');
  });

  test.each([
    [
      [{ ...writtenBase, digest: builtDigest(0) }],
      /^Not all images are built from .*:24: (\S+ \(\S+\)[;.] ?){2}$/m,
    ],
    [[], /^ {2}from {7}no base image is recorded$/m],
  ])('reports images with the base images %j', async (baseImages, sentence) => {
    const signed = signedStatement(delivery, one, { revision: commit, sbom, baseImages });
    writeFileSync(kept(one).statement, await signed);
    expect((await verify('production')).output).toMatch(sentence);
  });

  test('shows the additional services, each image once, and fails for an unsigned image', async () => {
    await harness?.stop();
    harness = await start(
      [
        ['windows-auth-production-service', template],
        [
          'windows-auth-production-service-worker',
          templateOf([sidecar, worker], 'windows-auth-production-worker'),
        ],
      ],
      exampleDeployment((input) => {
        input.services = { worker: { kind: 'worker' } };
      }),
    );
    const unsigned = await verify('production');
    expect(unsigned.exitCode).toBe(1);
    expect(unsigned.output).toContain('There is no statement about the image windows-auth/worker@');
    await signImages(commit, [...images, worker]);
    const { output, error, exitCode } = await verify('production');
    expect([error, exitCode]).toEqual(['', 0]);
    expect(output.match(/^✔ windows-auth\/[a-z]+@/gm)?.sort()).toEqual(
      [...images, worker].map(({ name }) => `✔ ${name}@`).sort(),
    );
  });

  test('marks an image from another registry as given by the configuration and not verified', async () => {
    await harness?.stop();
    const digest = `sha256:${'e'.repeat(64)}`;
    const uri = `444444444444.dkr.ecr.eu-central-1.amazonaws.com/team/reports@${digest}`;
    const services = { reports: { kind: 'worker', image: { uri } } };
    const given = templateOf([{ name: 'team/reports', digest }, sidecar], 'windows-auth-production-reports');
    // Its first container runs the image of the other registry.
    const others = JSON.parse(
      JSON.stringify(given).replace('111111111111.dkr.ecr.', '444444444444.dkr.ecr.eu-central-1.'),
    );
    const of = (configured: object) =>
      start(
        [
          ['windows-auth-production-service', template],
          ['windows-auth-production-service-reports', others],
        ],
        loadDeployment({ ...exampleInput, services: configured }),
      );
    harness = await of(services);
    const { output, exitCode } = await verify('production');
    expect(exitCode).toBe(0);
    expect(output).toContain(`■ ${uri}`);
    expect(output).toContain('Given by the configuration: neither built nor signed here.');
    expect(JSON.parse((await verify('production', '--json')).output).images).toContainEqual(
      expect.objectContaining({ digest, verified: false, given: true }),
    );
    await harness.stop();
    // A running image that the configuration does not give must be signed.
    harness = await of({ reports: { kind: 'worker', image: { uri: uri.replace(/e$/, 'f') } } });
    expect((await verify('production')).exitCode).toBe(1);
  });

  test('says the same in JSON', async () => {
    const { output } = await verify('staging', '--json');
    expect(JSON.parse(output)).toMatchObject({
      environment: 'staging',
      verified: true,
      execution: { revision: commit },
      images: images.map(() => ({ verified: true, components: 2, stated: { revision: commit } })),
      missing: [],
      approvals: [{ stage: 'Pipeline-approval', status: 'Succeeded' }],
    });
  });

  test('reports the same in JSON as in text: differences, unsigned facts, and that a bundle is not current', async () => {
    const baseImages = [{ ...writtenBase, digest: builtDigest(0) }];
    const signed = signedStatement(delivery, one, { revision: commit, sbom, baseImages });
    writeFileSync(kept(one).statement, await signed);
    const unsigned = { notSigned: ['savedAt', 'execution', 'tasks', 'approvals'] };
    const now = JSON.parse((await verify('production', '--save', bundleFile, '--json')).output);
    const differs = expect.stringMatching(/^Not all images are built from /);
    expect(now).toMatchObject({ ...unsigned, from: 'AWS', notes: [differs] });
    expect(now.tasks).toHaveLength(2);
    const words = ['production', '--bundle', bundleFile, '--key', keyFile];
    const later = JSON.parse((await verify(...words, '--json')).output);
    expect(later).toMatchObject({ ...unsigned, from: 'bundle', notes: [differs, expect.any(String)] });
    const { output } = await verify(...words);
    for (const note of later.notes) expect(output).toContain(note);
  });

  const stagesOf = (name: string) =>
    [`windows-auth-${name}-service`, templateOf(images, `windows-auth-${name}-web`)] as const;

  test('says that no approvals were required if there are none', async () => {
    await harness?.stop();
    pipeline = new FakePipeline(
      'windows-auth',
      examplePipeline().stages.filter(({ name }) => !/approval/.test(name)),
    );
    pipeline.deliver(commit, 'The commit');
    harness = await start(
      [stagesOf('staging')],
      exampleDeployment(({ environments }) => {
        for (const environment of environments) environment.approvals = {};
      }),
    );
    const { output, exitCode } = await verify('staging');
    expect([output, exitCode]).toEqual([expect.stringContaining('none were required'), 0]);
  });

  test('expects both versions of an image that runs in two, and reports either if it is missing', async () => {
    await harness?.stop();
    const other = { name: sidecar.name, digest: builtDigest(images.length + 1) };
    const three = exampleDeployment((input) => {
      input.services = { worker: { kind: 'worker' } };
    });
    harness = await start(
      [
        stagesOf('production'),
        [
          'windows-auth-production-service-worker',
          templateOf([other, worker], 'windows-auth-production-worker'),
        ],
      ],
      three,
    );
    await signImages(commit, [...images, worker, other]);
    const whole = await verify('production', '--save', bundleFile);
    expect([whole.error, whole.exitCode]).toEqual(['', 0]);
    for (const { name, digest } of [sidecar, other]) {
      const kept = readFileSync(bundleFile, 'utf8');
      rewriteBundle(bundleFile, (bundle) => {
        bundle.images = bundle.images.filter((image) => (image as { digest?: string }).digest !== digest);
      });
      const { output, exitCode } = await verify('production', '--bundle', bundleFile, '--key', keyFile);
      expect(exitCode).toBe(1);
      expect(output).toContain(` runs ${name}@${digest}, about which nothing is recorded.`);
      writeFileSync(bundleFile, kept);
    }
  });

  test.each<[string, () => unknown, string]>([
    [
      'a statement is missing',
      () => rmSync(kept(one).statement),
      `There is no statement about the image ${one.name}@`,
    ],
    ['a bill of materials is missing', () => rmSync(kept(one).sbom), 'The bill of materials of 111111111111'],
    [
      'a bill of materials was changed',
      () => writeFileSync(kept(one).sbom, `${sbom} `),
      'is not the one that was signed',
    ],
    ['the statements are about another commit', () => signImages('d'.repeat(40)), 'is about another commit'],
    [
      'another key signed them',
      async () => {
        delivery = new DeliveryRecord();
        await signImages(commit);
      },
      'does not fit this key',
    ],
  ])('fails when %s', async (_, change, sentence) => {
    await change();
    const { output, exitCode } = await verify('production', '--key', keyFile);
    expect(exitCode).toBe(1);
    expect(output).toContain(sentence);
    expect(output).toContain('✘ ');
  });

  test('verifies a saved bundle without AWS, with only a key file', async () => {
    expect((await verify('production', '--save', bundleFile)).exitCode).toBe(0);
    await harness?.endpoint.stop();
    const { output, error, exitCode } = await verify('production', '--bundle', bundleFile, '--key', keyFile);
    expect([error, exitCode]).toEqual(['', 0]);
    expect(output).toContain('✔ windows-auth/web@');
    expect(output).toContain('are as they were read when this bundle was saved: they are not signed.');
    // An older bundle verifies too, so the output gives its date and does not claim that this still runs.
    const { savedAt } = JSON.parse(readFileSync(bundleFile, 'utf8'));
    expect(output).toContain(
      `production ran on ${savedAt}, when this bundle says that it was saved, cccccccc`,
    );
    expect((await verify('production', '--bundle', bundleFile)).error).toContain('name its file with --key');
    expect((await verify('staging', '--bundle', bundleFile, '--key', keyFile)).error).toContain(
      'is about production, not about staging',
    );
    writeFileSync(keyFile, new DeliveryRecord().publicKey.export({ type: 'spki', format: 'pem' }));
    const other = await verify('production', '--bundle', bundleFile, '--key', keyFile);
    expect(other.exitCode).toBe(1);
    expect(other.output).toContain('does not fit this key');
    expect((await verify('production', '--bundle', bundleFile, '--key', bundleFile)).error).toContain(
      'not a public key',
    );
  });

  test('names a file that it cannot write, after it has shown its findings', async () => {
    const { output, error, exitCode } = await verify('production', '--save', tmpdir());
    expect(output).toContain('✔ windows-auth/web@');
    expect(error).toBe(`${tmpdir()} could not be written: illegal operation on a directory.`);
    expect(exitCode).toBe(1);
  });

  changedBundleTests({
    verify,
    files: () => ({ bundleFile, keyFile }),
    pipeline: () => pipeline,
    signed: (revision) => signedStatement(delivery, one, { revision, sbom }),
    one,
  });

  test('reports an environment in which nothing runs', async () => {
    await harness?.stop();
    harness = await startHarness({
      ...pipelineOperations(examplePipeline()),
      ...roleOperations,
      ...stackOperations(new Map()),
    });
    expect((await verify('staging')).error).toBe(
      'Nothing runs in staging: its service was not deployed yet.',
    );
  });
});
