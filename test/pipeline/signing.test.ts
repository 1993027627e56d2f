import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifySbom, verifyStatement } from '../../lib/aws/provenance/verify-statement.ts';
import { imageNames, sourceAddress } from '../../lib/config/index.ts';
import { imageArtifact } from '../../lib/config/pipeline-names.ts';
import { bundleTools } from '../../lib/delivery/tools/bundle-tools.ts';
import { type AwsEndpoint, startAwsEndpoint } from '../../local/pipeline/aws/aws-endpoint.ts';
import { bucketOperations } from '../../local/pipeline/aws/bucket-operations.ts';
import type { DeliveryRecord } from '../../local/pipeline/aws/delivery-record.ts';
import { roleOperations } from '../../local/pipeline/aws/stack-operations.ts';
import {
  began,
  builtDelivery,
  builtDigest,
  nodeAdvisoriesAt,
  writeNodeAdvisories,
  writtenSboms,
  writtenSource,
} from './fakes/built-delivery.ts';
import { orderOf, place, sourceAction } from './invariants/order.ts';
import { runAction } from './run-action.ts';
import { variant } from './variants.ts';

const many = 'one environment, as many services as there may be';
const { pipeline, deployment } = variant(many);
const images = imageNames(deployment);
const revision = 'c'.repeat(40);
const { builds } = orderOf(pipeline);
const {
  namespace: source,
  outputs: [sourceArtifact = ''],
} = sourceAction(pipeline);
const signing = builds.filter(({ stage, name }) => stage === 'Provenance' && name !== 'Changes').map(place);
const bucket = 'windows-auth-provenance-111111111111-eu-central-1';

describe('The images of many services', () => {
  let folder: string;
  let endpoint: AwsEndpoint;
  let delivery: DeliveryRecord;
  let sboms: Record<string, string>;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'buckets-'));
    delivery = builtDelivery(revision, images);
    sboms = writtenSboms(folder, images);
    writeNodeAdvisories(folder);
    endpoint = await startAwsEndpoint({
      ...roleOperations,
      ...delivery.operations,
      ...bucketOperations(folder),
    });
  });
  afterEach(async () => {
    await endpoint.stop();
    rmSync(folder, { recursive: true });
  });
  const run = (where: string) =>
    runAction(where, {
      of: many,
      directory: folder,
      variables: { [source]: { CommitId: revision }, codepipeline: { PipelineExecutionId: 'e-1' } },
      aws: { ...endpoint.environment, ...nodeAdvisoriesAt(endpoint.url), HOME: folder },
      sources: { ...sboms, [sourceArtifact]: writtenSource(folder), Tools_Source: bundleTools() },
    });
  const kept = () => globSync('**/statement.dsse.json', { cwd: join(folder, bucket) }).sort();

  test('are signed by several actions, each image with its own bill of materials', async () => {
    expect(signing.length).toBeGreaterThan(2);
    for (const where of signing) {
      const { status, log } = await run(where);
      expect(status, log).toBe('SUCCEEDED');
    }
    expect(kept()).toHaveLength(images.length);
    for (const [index, image] of images.entries()) {
      const digest = builtDigest(index);
      const place = join(folder, bucket, `windows-auth/${image}/${digest.replace(':', '-')}`);
      const stated = verifyStatement(
        readFileSync(join(place, 'statement.dsse.json'), 'utf8'),
        delivery.publicKey,
        { name: `windows-auth/${image}`, digest, repository: sourceAddress(deployment), revision },
      );
      expect(verifySbom(readFileSync(join(place, 'sbom.cdx.json'), 'utf8'), stated)).toContain(
        `"image":"${image}"`,
      );
    }
  });

  test.each(signing)('are not signed by %s when a gate failed', async (where) => {
    delivery.builds.unshift({
      execution: 'e-1',
      stage: 'Build',
      action: 'Tests',
      status: 'Failed',
      id: 'windows-auth-tests:2',
      startTime: began,
      lastUpdateTime: began + 1,
    });
    const { status, log } = await run(where);
    expect(status).toBe('FAILED');
    expect(log).toContain('Nothing is signed until all gates have passed');
    expect(kept()).toEqual([]);
  });

  test('are not signed with the output of the build of another image', async () => {
    const [one = '', other = ''] = images.slice(2).map(imageArtifact);
    sboms = { ...sboms, [one]: sboms[other] ?? '', [other]: sboms[one] ?? '' };
    const { status, log } = await run('Provenance/Sign');
    expect(status).toBe('FAILED');
    expect(log).toContain(`${images[2]}.cdx.json`);
  });

  // npm would install that folder with an unchanged lock file, so images with the same key would come from other programs.
  test('are not signed when the folder of a service stands in for a package', async () => {
    const root = writtenSource(folder);
    mkdirSync(join(root, 'services/worker'), { recursive: true });
    writeFileSync(join(root, 'package.json'), '{"workspaces":["services/*"]}');
    writeFileSync(join(root, 'services/worker/package.json'), '{"name":"zod","version":"4.6.7"}');
    const { status, log } = await run('Provenance/Sign');
    expect(status).toBe('FAILED');
    expect(log).toContain('services/worker/package.json has the name "zod"');
    expect(kept()).toEqual([]);
  });

  test('are not signed when one was pushed by the build of another commit', async () => {
    const last = images.at(-1) ?? '';
    delivery.images.set(`windows-auth/${last}:${revision}`, {
      digest: builtDigest(images.length - 1),
      pushedAt: began - 500,
    });
    const { status, log } = await run(signing.at(-1) ?? '');
    expect(status).toBe('FAILED');
    expect(log).toContain('another build has pushed it under this tag');
    expect(kept()).not.toContainEqual(expect.stringContaining(`/${last}/`));
  });
});
