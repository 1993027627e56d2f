import { afterEach, describe, expect, test } from 'vitest';
import { AwsFault } from '../../local/pipeline/aws/aws-endpoint.ts';
import { fullDeployment } from '../infrastructure/example-deployment.ts';
import { type FakeExecution, FakePipeline } from './fakes/fake-pipeline.ts';
import { failing, throttled } from './fakes/faults.ts';
import { pipelineOperations } from './fakes/pipeline-operations.ts';
import { examplePipeline, type Harness, startHarness } from './release-harness.ts';

let harness: Harness | undefined;
afterEach(async () => {
  await harness?.stop();
  harness = undefined;
});

const first = 'a'.repeat(40);
const second = 'b'.repeat(40);

test('each environment shows what is deployed, what is on its way and what waits for approval', async () => {
  const pipeline = examplePipeline();
  pipeline.deliver(first, 'The first');
  const execution = pipeline.push(second, 'The second\n\nwith a body');
  for (const { name } of pipeline.stages.slice(0, 5)) pipeline.pass(execution, name);
  pipeline.succeed(pipeline.begin(execution, 'production-network-directory-approval/Changes'));
  pipeline.begin(execution, 'production-network-directory-approval/Approve');
  harness = await startHarness(pipelineOperations(pipeline));

  const { output, exitCode } = await harness.release('status');
  expect(exitCode).toBe(0);
  expect(output).toMatch(/^staging +✔ bbbbbbbb +✔ bbbbbbbb +✔ bbbbbbbb$/m);
  expect(output).toMatch(/^production +✔ aaaaaaaa +✔ aaaaaaaa +✔ aaaaaaaa$/m);
  expect(output).toMatch(new RegExp(`▶ ${execution.id.slice(0, 8)}  bbbbbbbb .*The second$`, 'm'));
  expect(output).toContain('production-network-directory-approval waits for an approval');
  expect(output).toContain('network-directory of production would change.');
  expect(output).toContain('https://console.example/production-network-directory-approval');

  const { environments, approvals } = JSON.parse((await harness.release('status', '--json')).output || '{}');
  expect(environments[1].parts[2]).toMatchObject({ part: 'service', deployed: first });
  expect(approvals).toHaveLength(1);
  expect(JSON.stringify(approvals)).not.toContain('token');
});

test('a failed stage shows both what is deployed and what failed', async () => {
  const pipeline = examplePipeline();
  pipeline.deliver(first, 'The first');
  const execution = pipeline.push(second, 'The second');
  for (const { name } of pipeline.stages.slice(0, 4)) pipeline.pass(execution, name);
  pipeline.succeed(pipeline.begin(execution, 'staging-service/Deploy'));
  pipeline.fail(
    pipeline.begin(execution, 'staging-service/Integration-test'),
    'Build terminated with state: FAILED',
  );
  harness = await startHarness(pipelineOperations(pipeline));
  const { output } = await harness.release('status');
  expect(output).toMatch(/^staging .*✘ aaaaaaaa \(bbbbbbbb Failed\)$/m);
  expect(output).not.toContain('On the way');
});

describe('Each service of an environment shows what it runs:', () => {
  const deployment = fullDeployment();
  const deploys = ['service', 'service-worker', 'service-job'].map((part) => ({
    ...{ name: `windows-auth-staging-${part}.Deploy`, runOrder: 1 },
    ...({ category: 'Deploy', provider: 'CloudFormation' } as const),
  }));
  const image = (name: string) => ({
    ...{ name: `Image-${name}`, runOrder: 1 },
    ...({ category: 'Build', provider: 'CodeBuild' } as const),
  });
  const built = (execution: FakeExecution, pipeline: FakePipeline, digit: string) => {
    for (const name of ['web', 'worker', 'job']) {
      const build = pipeline.begin(execution, `Build/Image-${name}`);
      build.variables = { IMAGE_DIGEST: `sha256:${name}-${digit.repeat(40)}` };
      pipeline.succeed(build);
    }
  };
  const delivered = () => {
    const pipeline = new FakePipeline('windows-auth', [
      { name: 'Build', actions: ['web', 'worker', 'job'].map(image) },
      { name: 'staging-service', actions: deploys },
    ]);
    const execution = pipeline.push(first, 'The first');
    built(execution, pipeline, '1');
    pipeline.pass(execution, 'staging-service');
    execution.status = 'Succeeded';
    return pipeline;
  };
  const shown = async (pipeline: FakePipeline) => {
    harness = await startHarness(pipelineOperations(pipeline), undefined, undefined, deployment);
    const { output } = await harness.release('status');
    return output
      .split('\n')
      .filter((line) => /^ {2}\S (web|worker|job) /.test(line))
      .slice(0, 3);
  };

  test('one commit, with an image for each', async () => {
    expect(await shown(delivered())).toEqual([
      expect.stringMatching(/^ {2}✔ web +aaaaaaaa +sha256:web-1+…$/),
      expect.stringMatching(/^ {2}✔ worker +aaaaaaaa +sha256:worker-1+…$/),
      expect.stringMatching(/^ {2}✔ job +aaaaaaaa +sha256:job-1+…$/),
    ]);
  });

  test('two commits, if one deployment failed and nothing was rolled back', async () => {
    const pipeline = delivered();
    const execution = pipeline.push(second, 'The second');
    built(execution, pipeline, '2');
    const begin = (part: string) =>
      pipeline.begin(execution, `staging-service/windows-auth-staging-${part}.Deploy`);
    pipeline.succeed(begin('service'));
    pipeline.fail(begin('service-worker'), 'no');
    expect(await shown(pipeline)).toEqual([
      expect.stringMatching(/^ {2}✔ web +bbbbbbbb +sha256:web-2+…$/),
      expect.stringMatching(/^ {2}✘ worker +aaaaaaaa +sha256:worker-1+… +a deployment: Failed$/),
      expect.stringMatching(/^ {2}✔ job +aaaaaaaa +sha256:job-1+…$/),
    ]);
  });

  test('the commit that a rollback restored', async () => {
    const pipeline = delivered();
    const [good] = pipeline.executions;
    const later = pipeline.push(second, 'The second');
    built(later, pipeline, '2');
    pipeline.pass(later, 'staging-service');
    later.status = 'Succeeded';
    pipeline.rollBack('staging-service', good as FakeExecution);
    expect(await shown(pipeline)).toEqual([
      expect.stringMatching(/^ {2}✔ web +aaaaaaaa +sha256:web-1+…$/),
      expect.stringMatching(/^ {2}✔ worker +aaaaaaaa +sha256:worker-1+…$/),
      expect.stringMatching(/^ {2}✔ job +aaaaaaaa +sha256:job-1+…$/),
    ]);
  });

  test('nothing, before the first delivery', async () => {
    const pipeline = new FakePipeline('windows-auth', [{ name: 'staging-service', actions: deploys }]);
    expect(await shown(pipeline)).toEqual(
      ['web', 'worker', 'job'].map((name) => expect.stringMatching(new RegExp(`^ {2}· ${name} +– +–$`))),
    );
  });
});

test('a pipeline that never ran shows nothing as deployed', async () => {
  harness = await startHarness(pipelineOperations(examplePipeline()));
  expect((await harness.release('status')).output).toMatch(/^production +· – +· – +· –$/m);
  const { error, exitCode } = await harness.release('watch');
  expect([error, exitCode]).toEqual(['windows-auth has never run. Push a commit to start it.', 1]);
});

test('throttled requests are retried', async () => {
  const pipeline = examplePipeline();
  pipeline.deliver(first, 'The first');
  harness = await startHarness(throttled(pipelineOperations(pipeline), 1));
  const { output, exitCode } = await harness.release('status');
  expect(exitCode).toBe(0);
  expect(output).toMatch(/^staging +✔ aaaaaaaa/m);
});

test.for([
  [
    'PipelineNotFoundException',
    "Account '1' does not have a pipeline",
    /Is this the tools account and region/,
  ],
  [
    'ExpiredTokenException',
    'The security token included in the request is expired',
    /have expired\. Sign in again/,
  ],
  [
    'UnrecognizedClientException',
    'The security token included in the request is invalid',
    /does not know these/,
  ],
  [
    'AccessDeniedException',
    'User: arn:aws:iam::1:user/x is not authorized to perform: codepipeline:GetPipelineState on resource: y',
    /not allowed to perform codepipeline:GetPipelineState/,
  ],
] as const)('%s becomes a message that says what to do', async ([name, message, sentence]) => {
  const fault = new AwsFault(name, message);
  const operations = failing(pipelineOperations(examplePipeline()), 'CodePipeline.GetPipelineState', fault);
  harness = await startHarness(operations);
  const { error, output, exitCode } = await harness.release('status');
  expect(error).toMatch(sentence);
  expect(error).not.toMatch(/\n\s+at /);
  expect([output, exitCode]).toEqual(['', 1]);
});
