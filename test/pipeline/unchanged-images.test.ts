import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifyImage } from '../../lib/aws/provenance/verify-image.ts';
import { sourceAddress } from '../../lib/config/index.ts';
import { builtOfKey, provenanceKeys } from '../../lib/config/provenance-names.ts';
import { bundleTools } from '../../lib/delivery/tools/bundle-tools.ts';
import { imageInputs } from '../../lib/programs/images/inputs.ts';
import {
  type AwsEndpoint,
  type Operations,
  startAwsEndpoint,
} from '../../local/pipeline/aws/aws-endpoint.ts';
import { bucketOperations } from '../../local/pipeline/aws/bucket-operations.ts';
import { DeliveryRecord } from '../../local/pipeline/aws/delivery-record.ts';
import {
  builtDelivery,
  builtDigests,
  nodeAdvisoriesAt,
  nodeAdvisory,
  writeNodeAdvisories,
  writtenSboms,
  writtenSource,
} from './fakes/built-delivery.ts';
import { statementBucket as bucket, SignedDelivery, signDelivery } from './fakes/signed-delivery.ts';
import { variant } from './variants.ts';

const { deployment } = variant('the example');
const [first, second] = ['a'.repeat(40), 'c'.repeat(40)];
const digests = builtDigests();
const web = { name: 'windows-auth/web', digest: digests.web };
const repository = sourceAddress(deployment);
const hour = 3600;

describe('An image that a commit does not change', () => {
  let folder: string;
  let source: string;
  let endpoint: AwsEndpoint;
  let delivery: DeliveryRecord;
  let signed: SignedDelivery;
  /** When the builds of the first commit began, in seconds since 1970. */
  let began: number;

  const start = (operations: Operations = {}) =>
    startAwsEndpoint({ ...delivery.operations, ...bucketOperations(folder), ...operations });
  const sign = (revision: string, execution: string) =>
    signDelivery({
      ...{ folder, endpoint, source, sboms },
      execution: { id: execution, revision },
      tools: bundleTools(),
    });
  let sboms: Record<string, string>;
  const inputs = () =>
    imageInputs(source, { service: 'web', architecture: deployment.images.architecture, repository }).key;
  /** Runs the program that decides, in the second commit's build, whether to reuse the image. */
  const ask = async (variables: Record<string, string> = {}) => {
    const { stdout, stderr, exitCode } = await execa('node', ['lib/programs/image-state.ts'], {
      reject: false,
      env: {
        ...endpoint.environment,
        ...nodeAdvisoriesAt(endpoint.url),
        IMAGE_REPOSITORY: web.name,
        IMAGE_TAG: second,
        IMAGE_REGIONS: 'eu-central-1',
        IMAGE_SOURCE: repository,
        IMAGE_INPUTS: inputs(),
        FAIL_ON_SEVERITY: 'HIGH',
        SIGNING_KEY: 'alias/x',
        PROVENANCE_BUCKET: bucket,
        ...variables,
      },
    });
    expect(exitCode, stderr).toBe(0);
    return { state: stdout, why: stderr };
  };
  const file = (key: string) => join(folder, bucket, key);
  const tagOf = (revision: string) => delivery.images.get(`${web.name}:${revision}`)?.digest;
  /** Makes the second commit's builds pass and export these digests. */
  const secondBuilds = () => {
    delivery.executions.unshift({ id: 'e-2', revision: second });
    const own = delivery.builds.map((build) => ({
      ...build,
      execution: 'e-2',
      id: build.id.replace(':1', ':2'),
      startTime: build.startTime + hour,
      lastUpdateTime: build.lastUpdateTime + hour,
    }));
    delivery.builds.unshift(...own);
  };
  /** Tags the sidecar for the second commit, which does not change it either. */
  const tagSidecar = () => {
    const image = delivery.images.get(`windows-auth/sidecar:${first}`);
    if (image) delivery.images.set(`windows-auth/sidecar:${second}`, { revision: first, ...image });
  };

  beforeAll(async () => {
    const delivery = builtDelivery(first);
    began = Math.floor(Date.now() / 1000) - 2 * hour;
    const builds = delivery.builds.map((build) => ({
      ...build,
      startTime: began,
      lastUpdateTime: began + 300,
    }));
    delivery.builds.splice(0, delivery.builds.length, ...builds);
    for (const [name, image] of delivery.images)
      delivery.images.set(name, { ...image, pushedAt: began + 100 });
    signed = await SignedDelivery.of(delivery, bundleTools());
  });
  afterAll(() => signed.remove());
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'unchanged-'));
    source = writtenSource(folder);
    writeNodeAdvisories(folder);
    sboms = writtenSboms(folder);
    delivery = signed.delivery;
    signed.copyTo(folder);
    endpoint = await start();
  });
  afterEach(async () => {
    await endpoint.stop();
    rmSync(folder, { recursive: true });
  });

  test('is reused: it gets the tag of the new commit, and its signed statements name both commits', async () => {
    const { state, why } = await ask();
    expect([state, why]).toEqual([
      'reused',
      expect.stringContaining(
        `${web.name}@${web.digest} is reused: built from ${first} by arn:aws:codebuild:eu-central-1:111111111111:build/windows-auth-image-web:1, and ${second} has the same inputs (key ${inputs()}).`,
      ),
    ]);
    expect(tagOf(second)).toBe(web.digest);
    // A restarted build finds the tag.
    expect((await ask()).state).toBe('present');
    tagSidecar();
    secondBuilds();
    const before = readFileSync(file(provenanceKeys(web).statement), 'utf8');
    const { status, log } = await sign(second, 'e-2');
    expect(status, log).toBe('SUCCEEDED');
    expect(log).toContain(`Signed: ${web.name}@${web.digest}, unchanged since ${first}`);
    // The statement signed for the original build is unchanged.
    const statement = readFileSync(file(provenanceKeys(web).statement), 'utf8');
    expect(statement).toBe(before);
    const unchanged = readFileSync(file(provenanceKeys(web).unchanged(second)), 'utf8');
    const expected = { ...web, repository, revision: second };
    expect(verifyImage({ statement, unchanged }, delivery.publicKey, expected)).toMatchObject({
      stated: { revision: first, execution: 'e-1', inputs: inputs() },
      unchanged: {
        revision: second,
        execution: 'e-2',
        inputs: inputs(),
        builtOf: { revision: first },
        gates: { Tests: 'arn:aws:codebuild:eu-central-1:111111111111:build/windows-auth-tests:2' },
      },
    });
    expect(() => verifyImage({ statement }, delivery.publicKey, expected)).toThrow(
      `is about another commit: ${first}, not ${second}; and no signed statement says`,
    );
  });

  test.each<[string, () => unknown, string, Record<string, string>?]>([
    [
      'the commit changes its inputs',
      () => writeFileSync(join(source, 'package-lock.json'), '{ }'),
      'is built: no signed image has the same inputs',
    ],
    [
      'an older pipeline passes no key',
      () => {},
      'has the same inputs (key not known)',
      { IMAGE_INPUTS: '' },
    ],
    [
      'nothing was signed',
      () => rmSync(file(provenanceKeys(web).statement)),
      'There is no statement about the image',
    ],
    [
      'another key signed it',
      async () => {
        await endpoint.stop();
        endpoint = await start({
          'KMS.GetPublicKey': new DeliveryRecord().operations['KMS.GetPublicKey'] as never,
        });
      },
      'does not fit this key',
    ],
    [
      'the pointer leads to an image with other inputs',
      () => {
        writeFileSync(join(source, 'package-lock.json'), '{ }');
        mkdirSync(dirname(file(builtOfKey(web.name, inputs()))), { recursive: true });
        writeFileSync(file(builtOfKey(web.name, inputs())), web.digest);
      },
      'it was made from other inputs',
    ],
    [
      'the pointer leads to an image that the pipeline did not push',
      () => {
        const digest = `sha256:${'9'.repeat(64)}`;
        delivery.images.set(`${web.name}:${first}-x`, { digest, pushedAt: began });
        writeFileSync(file(builtOfKey(web.name, inputs())), digest);
      },
      'There is no statement about the image',
    ],
    [
      'it was built from another repository',
      () => {},
      'is about another repository',
      { IMAGE_SOURCE: 'https://github.com/example/fork' },
    ],
    [
      'it is missing from the registry',
      () => delivery.images.delete(`${web.name}:${first}`),
      'The registry no longer has windows-auth/web:',
    ],
    [
      'the tag of its commit points to another image',
      () => delivery.images.set(`${web.name}:${first}`, { digest: digests.sidecar, pushedAt: began }),
      'The registry no longer has windows-auth/web:',
    ],
    [
      'a later scan has findings',
      () =>
        delivery.images.set(`${web.name}:${first}`, {
          digest: web.digest,
          pushedAt: began,
          findings: [{ name: 'CVE-2026-1', severity: 'HIGH' }],
        }),
      'has findings of severity HIGH or above: 1 HIGH (CVE-2026-1).',
    ],
    [
      'its Node.js has a known vulnerability',
      () => writeNodeAdvisories(folder, [nodeAdvisory('24.x', '^24.22.0', 'high')]),
      'has known vulnerabilities in Node.js 24.21.0',
    ],
    [
      'its bill of materials was changed',
      () => writeFileSync(file(provenanceKeys(web).sbom), '{}'),
      'is not the one that was signed',
    ],
  ])('is rebuilt, with the reason in the log, when %s', async (_, change, sentence, variables = {}) => {
    await change();
    const { state, why } = await ask(variables);
    expect([state, why]).toEqual(['absent', expect.stringContaining(sentence)]);
    expect(tagOf(second)).toBeUndefined();
  });

  test('is rebuilt when it is older than a day, even if it was signed again since', async () => {
    for (const [hours, expected] of [
      [23, 'reused'],
      [25, 'absent'],
    ] as const) {
      const startTime = Math.floor(Date.now() / 1000) - hours * hour;
      const builds = delivery.builds.map((build) => ({
        ...build,
        startTime,
        lastUpdateTime: startTime + 300,
      }));
      delivery.builds.splice(0, delivery.builds.length, ...builds);
      for (const [name, image] of delivery.images)
        delivery.images.set(name, { ...image, pushedAt: startTime + 100 });
      expect((await sign(first, 'e-1')).status).toBe('SUCCEEDED');
      const { state, why } = await ask();
      expect(state).toBe(expected);
      if (expected === 'absent')
        expect(why).toContain('more than 24 hours before, and Debian updates are due');
      delivery.images.delete(`${web.name}:${second}`);
    }
  });

  test('is not signed when its label names another commit', async () => {
    rmSync(join(folder, bucket), { recursive: true });
    const revision = 'd'.repeat(40);
    delivery.images.set(`${web.name}:${first}`, { digest: web.digest, pushedAt: began + 100, revision });
    const { status, log } = await sign(first, 'e-1');
    expect(status).toBe('FAILED');
    expect(log).toContain(`has the revision ${revision} in its label: `);
    expect(() => readFileSync(file(provenanceKeys(web).statement))).toThrow('ENOENT');
  });

  test.each<[string, () => unknown, string]>([
    [
      'the commit changes its inputs, even if its build decided to reuse it',
      () => writeFileSync(join(source, 'package-lock.json'), '{ }'),
      'must not reuse it: it was made from other inputs',
    ],
    [
      'it was too old to be reused',
      () => {
        const builds = delivery.builds.map((build) =>
          build.execution === 'e-2' ? { ...build, startTime: build.startTime + 25 * hour } : build,
        );
        delivery.builds.splice(0, delivery.builds.length, ...builds);
      },
      'more than 24 hours before',
    ],
    [
      'the tag points to another image',
      () => delivery.images.set(`${web.name}:${second}`, { digest: digests.sidecar, pushedAt: began + 100 }),
      'but its build has exported',
    ],
    [
      'its build exported another image, which was never signed',
      () => {
        const digest = `sha256:${'9'.repeat(64)}`;
        delivery.images.set(`${web.name}:${second}`, { digest, pushedAt: began - 100 });
        const builds = delivery.builds.map((build) =>
          build.execution === 'e-2' && build.action === 'Image-web'
            ? { ...build, outputVariables: { IMAGE_DIGEST: digest } }
            : build,
        );
        delivery.builds.splice(0, delivery.builds.length, ...builds);
      },
      'another build has pushed it under this tag',
    ],
    [
      'its bill of materials was changed',
      () => writeFileSync(file(provenanceKeys(web).sbom), '{}'),
      'is not the one that was signed',
    ],
    [
      'a gate failed for the commit',
      () => {
        const tests = delivery.builds.find(({ action }) => action === 'Tests');
        if (tests) delivery.builds.unshift({ ...tests, status: 'Failed' });
      },
      'Nothing is signed until all gates have passed',
    ],
  ])('is not signed as unchanged when %s', async (_, change, sentence) => {
    await ask();
    tagSidecar();
    secondBuilds();
    await change();
    const { status, log } = await sign(second, 'e-2');
    expect(status).toBe('FAILED');
    expect(log).toContain(sentence);
    expect(() => readFileSync(file(provenanceKeys(web).unchanged(second)))).toThrow('ENOENT');
  });
});
