import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sourceAddress } from '../../lib/config/index.ts';
import { provenanceBucketName, provenanceKeys } from '../../lib/config/provenance-names.ts';
import { bucketOperations } from '../../local/pipeline/aws/bucket-operations.ts';
import { DeliveryRecord } from '../../local/pipeline/aws/delivery-record.ts';
import { roleOperations, stackOperations } from '../../local/pipeline/aws/stack-operations.ts';
import { builtDigests } from './fakes/built-delivery.ts';
import { FakePipeline } from './fakes/fake-pipeline.ts';
import { pipelineOperations } from './fakes/pipeline-operations.ts';
import { signedStatement, signedUnchanged } from './fakes/signed-statement.ts';
import { deployment, examplePipeline, type Harness, startHarness } from './release-harness.ts';

const built = 'b'.repeat(40);
const commit = 'c'.repeat(40);
const inputs = '1'.repeat(64);
const sbom = JSON.stringify({ bomFormat: 'CycloneDX', components: [] });
const images = Object.entries(builtDigests()).map(([image, digest]) => ({
  name: `windows-auth/${image}`,
  digest,
}));
const [one = { name: '', digest: '' }] = images;
const task = (Family: string, containers: typeof images) => ({
  Type: 'AWS::ECS::TaskDefinition',
  Properties: {
    Family,
    ContainerDefinitions: containers.map(({ name, digest }) => ({ Image: `registry/${name}@${digest}` })),
  },
});
const family = 'windows-auth-staging-web';
const sidecars = images.filter(({ name }) => name.endsWith('/sidecar'));
const template = { Resources: { Task: task(family, images), Doctor: task(`${family}-doctor`, sidecars) } };

let folder: string;
let harness: Harness;
let delivery: DeliveryRecord;
let keyFile: string;
const place = (key: string) => join(folder, provenanceBucketName(deployment), key);
const write = (key: string, text: string) => {
  mkdirSync(dirname(place(key)), { recursive: true });
  writeFileSync(place(key), text);
};
const verify = (...words: string[]) => harness.release('verify', 'staging', ...words);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'verify-'));
  delivery = new DeliveryRecord();
  keyFile = join(folder, 'key.pem');
  writeFileSync(keyFile, delivery.publicKey.export({ type: 'spki', format: 'pem' }));
  for (const image of images) {
    const keys = provenanceKeys(image);
    write(keys.statement, await signedStatement(delivery, image, { revision: built, sbom, inputs }));
    write(keys.sbom, sbom);
    write(
      keys.unchanged(commit),
      await signedUnchanged(delivery, image, { revision: commit, builtOf: built, inputs }),
    );
  }
  const pipeline = new FakePipeline('windows-auth', examplePipeline().stages);
  pipeline.deliver(commit, 'The commit');
  harness = await startHarness({
    ...delivery.operations,
    ...pipelineOperations(pipeline),
    ...roleOperations,
    ...stackOperations(new Map([['windows-auth-staging-service', template]])),
    ...bucketOperations(folder),
  });
});
afterEach(async () => {
  await harness.stop();
  rmSync(folder, { recursive: true });
});

test('an image that the commit left unchanged is shown with the commit and the build that made it', async () => {
  const file = join(folder, 'bundle.json');
  for (const words of [
    ['--save', file],
    ['--bundle', file, '--key', keyFile],
  ]) {
    const { output } = await verify(...words);
    for (const { name, digest } of images) expect(output).toContain(`✔ ${name}@${digest}`);
    expect(output).toContain(`commit     ${built} of ${sourceAddress(deployment)}`);
    expect(output).toContain('build      arn:aws:codebuild:…:build/x:1, 2026-01-01T00:10:00.000Z');
    expect(output).toContain(`unchanged  at commit ${commit}, which has the same inputs: key ${inputs}`);
    expect(output).toContain('Tests      passed: arn:aws:codebuild:…:build/tests:2');
  }
  const { images: told } = JSON.parse((await verify('--json')).output);
  expect(told).toContainEqual(
    expect.objectContaining({ verified: true, unchanged: expect.objectContaining({ revision: commit }) }),
  );
});

test.each<[string, () => Promise<unknown>, string]>([
  [
    'is missing',
    async () => rmSync(place(provenanceKeys(one).unchanged(commit))),
    'and no signed statement says that this commit left the image unchanged.',
  ],
  ['is about another commit', () => forge({ revision: 'd'.repeat(40) }), 'is about another commit: '],
  [
    'has another key of the inputs',
    () => forge({ inputs: '2'.repeat(64) }),
    'is about another key of what it is made of: ',
  ],
  [
    'names another commit for the build',
    () => forge({ builtOf: commit }),
    'another commit that it was built of: ',
  ],
  ['is signed by another key', () => forge({}, new DeliveryRecord()), 'does not fit this key'],
])('verify fails when the signed statement about an unchanged image %s', async (_, change, sentence) => {
  await change();
  const { output, exitCode } = await verify();
  expect(exitCode).toBe(1);
  expect(output).toContain(`✘ ${one.name}@`);
  expect(output).toContain(sentence);
});

async function forge(change: object, by = delivery): Promise<void> {
  const content = { revision: commit, builtOf: built, inputs, ...change };
  write(provenanceKeys(one).unchanged(commit), await signedUnchanged(by, one, content));
}
