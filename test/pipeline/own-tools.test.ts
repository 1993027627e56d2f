import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AssetManifest } from '@aws-cdk/cdk-assets-lib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AwsEndpoint, startAwsEndpoint } from '../../local/pipeline/aws/aws-endpoint.ts';
import { bucketOperations } from '../../local/pipeline/aws/bucket-operations.ts';
import { stackDeployments } from '../../local/pipeline/aws/stack-deployments.ts';
import { roleOperations, stackOperations } from '../../local/pipeline/aws/stack-operations.ts';
import { toolsFolder } from '../../local/pipeline/pipeline.ts';
import { Clone } from './clone.ts';
import { runAction } from './run-action.ts';
import { variant } from './variants.ts';

const digests = Object.fromEntries(
  ['web', 'sidecar'].map((image) => [`Build@Image-${image}`, { IMAGE_DIGEST: `sha256:${'a'.repeat(64)}` }]),
);

describe('The tools of the lock file', { timeout: 300_000 }, () => {
  let clone: Clone;
  let folder: string;
  let endpoint: AwsEndpoint;
  const deployed = new Map<string, unknown>();
  const assembly = () => join(clone.directory, 'cdk.out');

  beforeAll(async () => {
    clone = new Clone();
    const synth = await runAction('Build/Synth', { directory: clone.directory, variables: digests });
    expect(synth.status, synth.log).toBe('SUCCEEDED');
  }, 120_000);
  afterAll(() => clone.remove());
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'buckets-'));
    deployed.clear();
    endpoint = await startAwsEndpoint({
      ...roleOperations,
      ...bucketOperations(folder),
      ...stackDeployments({ buckets: folder, templates: deployed }),
    });
  });
  afterEach(async () => {
    await endpoint.stop();
    rmSync(folder, { recursive: true });
  });
  const run = (where: string) =>
    runAction(where, { directory: assembly(), aws: { ...endpoint.environment, HOME: folder } });

  test('read every asset manifest of the synthesis', () => {
    const manifests = globSync('**/*.assets.json', { cwd: assembly() });
    expect(manifests.length).toBeGreaterThanOrEqual(10);
    for (const manifest of manifests) {
      expect(AssetManifest.fromFile(join(assembly(), manifest)).entries.length).toBeGreaterThan(0);
    }
  });

  test('publish the files of every stage, each into the bucket and by the role of its own account', async () => {
    const publishing = variant('the example').pipeline.stages.filter(({ actions }) =>
      actions.some(({ name }) => name === 'Assets'),
    );
    expect(publishing.map(({ name }) => name)).toEqual(
      ['staging', 'production'].flatMap((name) =>
        ['network-directory', 'database', 'service'].map((part) => `${name}-${part}`),
      ),
    );
    for (const { name } of publishing) {
      const called = endpoint.calls.length;
      const { status, log } = await run(`${name}/Assets`);
      expect(status, log).toBe('SUCCEEDED');
      const roles = endpoint.calls.slice(called).map(({ input }) => input.RoleArn);
      const account = name.startsWith('staging') ? '222222222222' : '333333333333';
      expect([...new Set(roles.filter(Boolean))]).toEqual([
        `arn:aws:iam::${account}:role/windows-auth-template-reader`,
        `arn:aws:iam::${account}:role/cdk-wind0e5fc5-file-publishing-role-${account}-eu-central-1`,
      ]);
    }
    const wanted = globSync('assembly-*/*.assets.json', { cwd: assembly() }).flatMap((file) =>
      AssetManifest.fromFile(join(assembly(), file))
        .files.filter(({ source }) => !source.path?.endsWith('.template.json'))
        .map(({ destination }) => join(destination.bucketName, destination.objectKey)),
    );
    expect(globSync('*/*', { cwd: folder }).sort()).toEqual([...new Set(wanted)].sort());
    for (const file of wanted) {
      expect(readFileSync(join(folder, file)).subarray(0, 4).toString('latin1')).toBe('PK\x03\x04');
    }
  });

  test('publish nothing twice', async () => {
    await run('staging-service/Assets');
    const { status, log } = await run('staging-service/Assets');
    expect(status, log).toBe('SUCCEEDED');
    expect(log).toContain('Found');
  });

  test('say why publishing is not possible', async () => {
    await endpoint.stop();
    endpoint = await startAwsEndpoint({
      ...roleOperations,
      ...stackOperations(deployed),
      ...bucketOperations(folder),
    });
    const { status, log } = await run('staging-service/Assets');
    expect(status).toBe('FAILED');
    expect(log).toContain(
      'AWS refused: UnknownOperationException: STS.GetCallerIdentity is not answered here.',
    );
  });

  test('refuse what no deployment could carry out, before a file is published', async () => {
    const name = 'windows-auth-staging-network';
    const recorded = /network\.cidr\\":\\"([0-9./]+)/;
    const template =
      globSync('assembly-*staging-network-directory/*.template.json', { cwd: assembly() })
        .map((file) => readFileSync(join(assembly(), file), 'utf8'))
        .find((text) => recorded.test(text)) ?? '';
    const cidr = recorded.exec(template)?.[1] ?? '';
    deployed.set(name, JSON.parse(template.replaceAll(cidr, '10.99.0.0/16')));
    await endpoint.stop();
    endpoint = await startAwsEndpoint({ ...roleOperations, ...stackOperations(deployed) });
    const { status, log } = await run('staging-network-directory/Assets');
    expect(status).toBe('FAILED');
    expect(log).toContain(
      `network.cidr is for life: it is "10.99.0.0/16" and cannot become "${cidr}", since it would be another network.`,
    );
    expect(globSync('*/*', { cwd: folder })).toEqual([]);
  });

  test('update the pipeline, what it needs first, and again without harm', async () => {
    const first = await run('UpdatePipeline/SelfMutate');
    expect(first.status, first.log).toBe('SUCCEEDED');
    expect([...deployed.keys()]).toEqual(['windows-auth-images', 'windows-auth-pipeline']);
    const template = JSON.parse(readFileSync(join(assembly(), 'pipeline.template.json'), 'utf8'));
    expect(deployed.get('windows-auth-pipeline')).toEqual(template);
    const [tools] = AssetManifest.fromFile(join(assembly(), 'pipeline.assets.json')).files.filter(
      ({ source }) => source.path?.startsWith('asset.'),
    );
    expect(
      existsSync(join(folder, tools?.destination.bucketName ?? '', tools?.destination.objectKey ?? '')),
    ).toBe(true);
    const called = endpoint.calls.length;
    const again = await run('UpdatePipeline/SelfMutate');
    expect(again.status, again.log).toBe('SUCCEEDED');
    const operations = endpoint.calls.slice(called).map(({ operation }) => operation);
    expect(operations).not.toContain('CloudFormation.ExecuteChangeSet');
  });

  test('come with the templates, and need no registry', () => {
    const tools = toolsFolder(variant('the example').pipeline, assembly());
    expect(existsSync(join(tools, 'aws-cdk/bin/cdk'))).toBe(true);
    const { builds } = { builds: variant('the example').pipeline.stages.flatMap(({ actions }) => actions) };
    const commands = builds.flatMap((build) =>
      build.kind === 'build'
        ? Object.values(build.buildspec.phases).flatMap((phase) => phase?.commands ?? [])
        : [],
    );
    expect(commands.filter((command) => /npm (i|install) -g|npx /.test(command))).toEqual([]);
  });
});
