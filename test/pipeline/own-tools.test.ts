import {
  cpSync,
  existsSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { AssetManifest } from '@aws-cdk/cdk-assets-lib';
import { type ContainerName, containerNames } from '@packages/contracts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifySbom, verifyStatement } from '../../lib/aws/provenance/verify-statement.ts';
import { sourceAddress } from '../../lib/config/index.ts';
import { type AwsEndpoint, HttpAnswer, startAwsEndpoint } from '../../local/pipeline/aws/aws-endpoint.ts';
import { bucketOperations } from '../../local/pipeline/aws/bucket-operations.ts';
import type { DeliveryRecord } from '../../local/pipeline/aws/delivery-record.ts';
import { stackDeployments } from '../../local/pipeline/aws/stack-deployments.ts';
import { roleOperations, stackOperations } from '../../local/pipeline/aws/stack-operations.ts';
import { toolsFolder } from '../../local/pipeline/pipeline.ts';
import { exampleAssembly } from './example-assembly.ts';
import {
  builtDelivery,
  builtDigests,
  exportedDigests,
  nodeAdvisoriesAt,
  nodeAdvisory,
  writeNodeAdvisories,
  writtenBase,
  writtenSboms,
  writtenSource,
} from './fakes/built-delivery.ts';
import { statementBucket as bucket, SignedDelivery } from './fakes/signed-delivery.ts';
import { sourceAction } from './invariants/order.ts';
import { baseImageTests } from './own-tools/base-images.ts';
import { foreignCommandTests } from './own-tools/foreign-commands.ts';
import { lookAgainTests } from './own-tools/look-again.ts';
import { notSignedTests } from './own-tools/not-signed.ts';
import { runAction } from './run-action.ts';
import { variant } from './variants.ts';

const digests = builtDigests();
const revision = 'c'.repeat(40);
const [sourceArtifact = ''] = sourceAction(variant('the example').pipeline).outputs;
/** The variables that CodePipeline resolves in every execution. */
const variables: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ...exportedDigests(digests),
  [sourceAction(variant('the example').pipeline).namespace]: { CommitId: revision },
  codepipeline: { PipelineExecutionId: 'e-1' },
};

describe('The tools of the lock file', () => {
  let assemblyFolder: string;
  let folder: string;
  let endpoint: AwsEndpoint;
  let delivery: DeliveryRecord;
  let signed: SignedDelivery;
  let sboms: Record<string, string>;
  /** The advisories of npm's registry. */
  let npmAdvisories: Record<string, object[]>;
  const deployed = new Map<string, unknown>();
  const assembly = () => join(assemblyFolder, 'cdk.out');

  beforeAll(async () => {
    assemblyFolder = mkdtempSync(join(tmpdir(), 'assembly-'));
    await exampleAssembly(assembly());
    const tools = toolsFolder(variant('the example').pipeline, assembly());
    signed = await SignedDelivery.of(builtDelivery(), tools);
  });
  afterAll(() => {
    rmSync(assemblyFolder, { recursive: true });
    signed.remove();
  });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'buckets-'));
    deployed.clear();
    delivery = signed.delivery;
    sboms = writtenSboms(folder);
    writeNodeAdvisories(folder);
    npmAdvisories = {};
    endpoint = await startAwsEndpoint({
      ...roleOperations,
      ...delivery.operations,
      'S3.POST /npm/-/npm/v1/security/advisories/bulk': () => new HttpAnswer(JSON.stringify(npmAdvisories)),
      ...bucketOperations(folder),
      ...stackDeployments({ buckets: folder, templates: deployed }),
    });
  });
  afterEach(async () => {
    await endpoint.stop();
    rmSync(folder, { recursive: true });
  });
  const run = (where: string) =>
    runAction(where, {
      directory: assembly(),
      variables,
      aws: { ...endpoint.environment, ...nodeAdvisoriesAt(endpoint.url), HOME: folder },
      sources: { ...sboms, [sourceArtifact]: writtenSource(folder) },
    });
  /** Sets up signed images, for tests that do not change what is signed. */
  const haveSigned = () => signed.copyTo(folder);
  /** The JSON files in a bucket. */
  const kept = (bucket: string) => globSync('**/*.json', { cwd: join(folder, bucket) }).sort();

  test('read every asset manifest of the synthesis', () => {
    const manifests = globSync('**/*.assets.json', { cwd: assembly() });
    expect(manifests.length).toBeGreaterThanOrEqual(10);
    for (const manifest of manifests) {
      expect(AssetManifest.fromFile(join(assembly(), manifest)).entries.length).toBeGreaterThan(0);
    }
  });

  test('publish the files of every stage, each to the bucket and with the role of its own account', async () => {
    const publishing = variant('the example').pipeline.stages.filter(({ actions }) =>
      actions.some(({ name }) => name === 'Assets'),
    );
    expect(publishing.map(({ name }) => name)).toEqual(
      ['staging', 'production'].flatMap((name) =>
        ['network-directory', 'database', 'service'].map((part) => `${name}-${part}`),
      ),
    );
    haveSigned();
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
    expect(globSync('cdk-*/*', { cwd: folder }).sort()).toEqual([...new Set(wanted)].sort());
    for (const file of wanted) {
      expect(readFileSync(join(folder, file)).subarray(0, 4).toString('latin1')).toBe('PK\x03\x04');
    }
  });

  test('publish nothing twice', async () => {
    haveSigned();
    await run('staging-service/Assets');
    const { status, log } = await run('staging-service/Assets');
    expect(status, log).toBe('SUCCEEDED');
    expect(log).toContain('Found');
  });

  test('report why publishing failed', async () => {
    haveSigned();
    await endpoint.stop();
    endpoint = await startAwsEndpoint({
      ...roleOperations,
      ...delivery.operations,
      ...stackOperations(deployed),
      ...bucketOperations(folder),
    });
    const { status, log } = await run('staging-service/Assets');
    expect(status).toBe('FAILED');
    expect(log).toContain(
      'AWS refused: UnknownOperationException: STS.GetCallerIdentity is not answered here.',
    );
  });

  test('refuse a change that a deployment could not carry out, before a file is published', async () => {
    const name = 'windows-auth-staging-network';
    const recorded = /network\.cidr\\":\\"([0-9./]+)/;
    const template =
      globSync('assembly-*staging-network-directory/*.template.json', { cwd: assembly() })
        .map((file) => readFileSync(join(assembly(), file), 'utf8'))
        .find((text) => recorded.test(text)) ?? '';
    const cidr = recorded.exec(template)?.[1] ?? '';
    deployed.set(name, JSON.parse(template.replaceAll(cidr, '10.99.0.0/16')));
    haveSigned();
    const { status, log } = await run('staging-network-directory/Assets');
    expect(status).toBe('FAILED');
    expect(log).toContain(
      `network.cidr is for life: it is "10.99.0.0/16" and cannot become "${cidr}", since it would be another network.`,
    );
    expect(globSync('cdk-*/*', { cwd: folder })).toEqual([]);
  });

  const folderOf = (image: ContainerName) => `windows-auth/${image}/${digests[image].replace(':', '-')}`;
  const statementOf = (image: ContainerName) => `${folderOf(image)}/statement.dsse.json`;

  test('sign what CodePipeline and the registry say about each image, and store it with the bill of materials', async () => {
    const { status, log } = await run('Provenance/Sign');
    expect(status, log).toBe('SUCCEEDED');
    expect(kept(bucket)).toEqual(
      [...containerNames]
        .sort()
        .flatMap((image) =>
          ['sbom.cdx.json', 'statement.dsse.json'].map((file) => `${folderOf(image)}/${file}`),
        ),
    );
    expect(globSync('windows-auth/*/inputs/*', { cwd: join(folder, bucket) })).toHaveLength(2);
    const envelope = readFileSync(join(folder, bucket, statementOf('web')), 'utf8');
    const stated = verifyStatement(envelope, delivery.publicKey, {
      name: 'windows-auth/web',
      digest: digests.web,
      repository: sourceAddress(variant('the example').deployment),
      revision,
    });
    const arn = 'arn:aws:codebuild:eu-central-1:111111111111:build/windows-auth';
    expect(stated).toMatchObject({
      build: `${arn}-image-web:1`,
      pipeline: 'windows-auth',
      execution: 'e-1',
      baseImages: [writtenBase],
      scan: { verdict: 'passed', threshold: 'HIGH', counts: {}, accepted: [] },
      gates: {
        Audit: `${arn}-audit:1`,
        Checks: `${arn}-checks:1`,
        Synth: `${arn}-synth:1`,
        Tests: `${arn}-tests:1`,
      },
    });
    const sbom = readFileSync(join(folder, bucket, folderOf('web'), 'sbom.cdx.json'), 'utf8');
    expect(verifySbom(sbom, stated)).toContain('"image":"web"');
  });

  notSignedTests({ run, delivery: () => delivery, kept: () => kept(bucket) });

  baseImageTests({ digest: digests.web, run, haveSigned, sboms: () => sboms });

  test.each<[string, () => void, string]>([
    [
      'not signed',
      () => rmSync(join(folder, bucket), { recursive: true }),
      'There is no statement about the image',
    ],
    [
      'signed, but with one byte of the statement changed',
      () => {
        const file = join(folder, bucket, statementOf('web'));
        writeFileSync(file, readFileSync(file, 'utf8').replace('"payload":"e', '"payload":"f'));
      },
      'The signature of the statement about the image windows-auth/web@',
    ],
    [
      'signed as another image',
      () => cpSync(join(folder, bucket, statementOf('sidecar')), join(folder, bucket, statementOf('web'))),
      'is about another digest: ',
    ],
  ])('refuse images that were %s, before a file is published', async (_, change, sentence) => {
    haveSigned();
    change();
    for (const stage of ['staging-network-directory', 'staging-service']) {
      const { status, log } = await run(`${stage}/Assets`);
      expect(status).toBe('FAILED');
      expect(log).toContain('Nothing is deployed.');
      expect(log).toContain(sentence);
    }
    expect(globSync('cdk-*/*', { cwd: folder })).toEqual([]);
  });

  test.each<[string, object[], string, string]>([
    ['a known vulnerability', [nodeAdvisory('24.x', '^24.22.0', 'high')], '2999-12-31', 'CVE-2026-9 (HIGH: '],
    [
      'a vulnerability without a severity',
      [nodeAdvisory('24.x', '')],
      '2999-12-31',
      'CVE-2026-9 (no severity: ',
    ],
    ['no support any more', [], '2026-01-01', 'EOL-nodejs-24 (no severity: The support of'],
  ])('sign nothing with a Node.js that has %s', async (_, known, end, sentence) => {
    writeNodeAdvisories(folder, known, end);
    const { status, log } = await run('Provenance/Sign');
    expect(status).toBe('FAILED');
    expect(log).toContain(`has known vulnerabilities in Node.js 24.21.0: ${sentence}`);
  });

  test('sign with a Node.js whose vulnerabilities are fixed or below the severity that counts', async () => {
    writeNodeAdvisories(folder, [
      nodeAdvisory('24.x', '^24.21.0', 'critical'),
      nodeAdvisory('24.x', '^24.22.0', 'medium'),
      nodeAdvisory('22.x', '^22.1.0', 'critical'),
    ]);
    const { status, log } = await run('Provenance/Sign');
    expect(status, log).toBe('SUCCEEDED');
  });

  lookAgainTests({
    bucket,
    deployed,
    digests,
    revision,
    haveSigned,
    get assembly() {
      return assembly();
    },
    get folder() {
      return folder;
    },
    get endpoint() {
      return endpoint;
    },
    get delivery() {
      return delivery;
    },
    get npmAdvisories() {
      return npmAdvisories;
    },
    set npmAdvisories(known) {
      npmAdvisories = known;
    },
  });

  test('compare the templates of the pipeline, and pass on exactly the compared assembly', async () => {
    const changes = await run('Provenance/Changes');
    expect(changes.status, changes.log).toBe('SUCCEEDED');
    expect(changes.exportedVariables.CHANGES).toBe('some');
    const { files = [], baseDirectory } = changes.artifacts[''] ?? {};
    expect(baseDirectory).toBe(assembly());
    const written = readdirSync(assembly(), { recursive: true, withFileTypes: true })
      // An earlier publication caches its packed files there.
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('/.cache'))
      .map(({ parentPath, name }) => relative(assembly(), join(parentPath, name)));
    expect(written.filter((file) => !files.includes(file))).toEqual([]);
    expect([...files].sort()).toEqual(written.sort());
  });

  test('update the pipeline after the stacks that it needs; a repetition does no harm', async () => {
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

  foreignCommandTests({ assembly, folder: () => folder, run, haveSigned });

  test('come with the templates and are not installed from a registry', () => {
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
