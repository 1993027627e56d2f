import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { bundleTools } from '../../lib/delivery/tools/bundle-tools.ts';
import { type AwsEndpoint, HttpAnswer, startAwsEndpoint } from '../../local/pipeline/aws/aws-endpoint.ts';
import { bucketOperations } from '../../local/pipeline/aws/bucket-operations.ts';
import { Clone } from './clone.ts';
import {
  builtDelivery,
  nodeAdvisoriesAt,
  passed,
  writeNodeAdvisories,
  writtenSboms,
} from './fakes/built-delivery.ts';
import { sourceAction } from './invariants/order.ts';
import { runAction } from './run-action.ts';
import { variant } from './variants.ts';

const { namespace, outputs } = sourceAction(variant('the example').pipeline);
const commits = ['a', 'b', 'c'].map((digit) => digit.repeat(40));
const [first = '', second = '', third = ''] = commits;
const name = 'windows-auth/web';

/** A stand-in for the container engine: logs its commands and tells the registry what is pushed. */
const docker = `#!/usr/bin/env node
const { appendFileSync, mkdirSync, writeFileSync } = require('node:fs');
const [command, ...words] = process.argv.slice(2);
appendFileSync(process.env.DOCKER_LOG, [command, ...words].join(' ') + '\\n');
if (command === 'push') fetch(process.env.AWS_ENDPOINT_URL + '/pushed/' + words[0].split(':').at(-1), { method: 'POST' });
if (command === 'buildx') console.log('{"digest":"sha256:' + '9'.repeat(64) + '"}');
if (command === 'image') console.log('{"base-images":"x@sha256:' + '9'.repeat(64) + '"}');
if (command === 'run') console.log('v24.21.0');
if (command === 'create') console.log('container');
if (command === 'cp') {
  mkdirSync(words[1] + '/status.d');
  writeFileSync(words[1] + '/status.d/libc6', 'Package: libc6\\nVersion: 2.36\\nArchitecture: amd64\\n');
}
`;

describe('The build of an image, with all of its commands,', () => {
  let clone: Clone;
  let folder: string;
  let endpoint: AwsEndpoint;
  const delivery = builtDelivery(first);
  const now = () => Date.now() / 1000;

  beforeAll(async () => {
    clone = new Clone();
    folder = mkdtempSync(join(tmpdir(), 'image-builds-'));
    writeNodeAdvisories(folder);
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'bin/docker'), docker);
    chmodSync(join(folder, 'bin/docker'), 0o755);
    delivery.images.clear();
    delivery.executions.splice(0);
    delivery.builds.splice(0);
    const pushed = Object.fromEntries(
      commits.map((tag, index) => [
        `S3.POST /pushed/${tag}`,
        () => {
          delivery.images.set(`${name}:${tag}`, {
            digest: `sha256:${`${index}`.repeat(64)}`,
            pushedAt: now(),
          });
          return new HttpAnswer('');
        },
      ]),
    );
    endpoint = await startAwsEndpoint({
      ...delivery.operations,
      ...bucketOperations(folder),
      ...pushed,
      'ECR.GetAuthorizationToken': () => ({
        authorizationData: [{ authorizationToken: Buffer.from('AWS:the-password').toString('base64') }],
      }),
    });
  });
  afterAll(async () => {
    await endpoint.stop();
    clone.remove();
    rmSync(folder, { recursive: true });
  });
  afterEach(() => vi.unstubAllEnvs());

  /** Builds the image of a commit, lets all other builds pass, and signs the images. */
  const deliver = async (commit: string) => {
    vi.stubEnv('PATH', [join(folder, 'bin'), process.env.PATH].join(delimiter));
    const log = join(folder, `docker-${commit}`);
    writeFileSync(log, '');
    const startTime = now() - 1;
    const aws = { ...endpoint.environment, ...nodeAdvisoriesAt(endpoint.url), HOME: folder };
    const variables = { [namespace]: { CommitId: commit }, codepipeline: { PipelineExecutionId: commit } };
    const run = await runAction('Build/Image-web', {
      directory: clone.directory,
      variables,
      aws: { ...aws, DOCKER_LOG: log, POLL_SECONDS: '0.1' },
      // The packages on this machine come from the same lock file.
      without: /^npm ci /,
    });
    expect(run.status, run.log).toBe('SUCCEEDED');
    const times = { execution: commit, startTime, lastUpdateTime: now() + 1 };
    delivery.executions.unshift({ id: commit, revision: commit });
    const sidecar = { IMAGE_DIGEST: `sha256:${'f'.repeat(64)}`, IMAGE_STATE: 'absent' };
    delivery.builds.unshift(
      ...['Checks', 'Audit', 'Tests', 'Synth'].map((gate) => ({ ...passed(gate), ...times })),
      { ...passed('Image-web'), ...times, outputVariables: run.exportedVariables },
      { ...passed('Image-sidecar'), ...times, outputVariables: sidecar },
    );
    // Each commit has the first commit's image of the sidecar.
    const revision = first;
    delivery.images.set(`windows-auth/sidecar:${commit}`, {
      digest: `sha256:${'f'.repeat(64)}`,
      pushedAt: now(),
      revision,
    });
    const { files = [], baseDirectory = '' } = run.artifacts[''] ?? {};
    const artifact = join(folder, `artifact-${commit}`);
    mkdirSync(artifact);
    for (const file of files) writeFileSync(join(artifact, file), readFileSync(join(baseDirectory, file)));
    // Restores the source, as CodePipeline gives each action a fresh copy.
    rmSync(join(clone.directory, 'sbom'), { recursive: true });
    const others = mkdtempSync(join(folder, 'others-'));
    const signing = await runAction('Provenance/Sign', {
      directory: folder,
      variables,
      aws,
      sources: {
        ...writtenSboms(others),
        Image_web_Output: artifact,
        [outputs[0] ?? '']: clone.directory,
        Tools_Source: bundleTools(),
      },
    });
    expect(signing.status, signing.log).toBe('SUCCEEDED');
    return { ...run, files, asked: readFileSync(log, 'utf8'), signed: signing.log };
  };

  test('builds a new image, reuses it for a commit that does not change it, and rebuilds it for one that does', async () => {
    const built = await deliver(first);
    expect(built.log).toContain('is built: no signed image has the same inputs (key ');
    expect(built.asked).toMatch(
      /^build --no-cache --file \S+\/services\/Dockerfile .*--build-arg REVISION=a{40} /m,
    );
    expect(built.asked).toMatch(/^push \S+:a{40}$/m);
    expect(built.files).toEqual(expect.arrayContaining(['web.cdx.json', 'accepted-findings.json']));

    clone.write('services/worker/src/main.ts', 'export const changed = 1;\n');
    clone.write('test/changed.ts', 'export const changed = 1;\n');
    const taken = await deliver(second);
    expect(taken.log).toContain(`is reused: built from ${first} by `);
    // Docker only logs in: it does not pull, build, push or run anything.
    expect(taken.asked).toMatch(/^login [^\n]*\n$/);
    expect(taken.files).toEqual(['accepted-findings.json']);
    expect(taken.exportedVariables.IMAGE_DIGEST).toBe(built.exportedVariables.IMAGE_DIGEST);
    expect(taken.signed).toContain(
      `Signed: ${name}@${built.exportedVariables.IMAGE_DIGEST}, unchanged since ${first}`,
    );

    clone.write('services/web/src/main.ts', 'export const changed = 1;\n');
    const changed = await deliver(third);
    expect(changed.log).toContain('is built: no signed image has the same inputs (key ');
    expect(changed.asked).toMatch(/^push \S+:c{40}$/m);
    expect(changed.exportedVariables.IMAGE_DIGEST).not.toBe(built.exportedVariables.IMAGE_DIGEST);
  });
});
