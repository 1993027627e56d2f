import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FakePipeline } from './fakes/fake-pipeline.ts';
import { pipelineOperations } from './fakes/pipeline-operations.ts';
import { examplePipeline, type Harness, startHarness } from './release-harness.ts';

let pipeline: FakePipeline;
let harness: Harness;
beforeEach(async () => {
  pipeline = examplePipeline();
  harness = await startHarness(pipelineOperations(pipeline));
});
afterEach(() => harness.stop());

test('goes back to the last good execution before the present one', async () => {
  const good = pipeline.deliver('a'.repeat(40), 'Good');
  pipeline.deliver('b'.repeat(40), 'Present');
  const { output, exitCode } = await harness.release('rollback', 'production', '--yes', '--json');
  expect(exitCode).toBe(0);
  const { execution, target, stage } = JSON.parse(output);
  expect({ target, stage }).toEqual({ target: good.id, stage: 'production-service' });
  expect(pipeline.latest.get('production-service')).toEqual({ executionId: execution, type: 'ROLLBACK' });
});

test('after a failure the last one that went through is meant', async () => {
  pipeline.deliver('a'.repeat(40), 'Older');
  const good = pipeline.deliver('b'.repeat(40), 'Good');
  const bad = pipeline.push('c'.repeat(40), 'Bad');
  pipeline.fail(pipeline.begin(bad, 'production-service/Deploy'), 'no');
  const { output } = await harness.release('rollback', 'production', '--yes');
  expect(output).toContain('Rolling back production-service to bbbbbbbb Good');
  expect(pipeline.executions[0]).toMatchObject({ type: 'ROLLBACK', commit: good.commit });
});

test('a commit can be named; one that never went through is refused with those that did', async () => {
  pipeline.deliver('a'.repeat(40), 'Oldest');
  pipeline.deliver('b'.repeat(40), 'Older');
  pipeline.deliver('c'.repeat(40), 'Present');
  expect((await harness.release('rollback', 'staging', '--to', 'aaaa', '--yes')).output).toContain(
    'to aaaaaaaa Oldest',
  );
  const { error } = await harness.release('rollback', 'staging', '--to', 'ffff', '--yes');
  expect(error).toContain(
    'No execution with ffff has gone through staging-service; these have: cccccccc, bbbbbbbb, aaaaaaaa.',
  );
});

test('nobody is there to ask, nothing to go back to, no such environment: one sentence each', async () => {
  pipeline.deliver('a'.repeat(40), 'Only');
  expect((await harness.release('rollback', 'staging', '--yes')).error).toContain('nothing to go back to');
  pipeline.deliver('b'.repeat(40), 'Second');
  expect((await harness.release('rollback', 'staging')).error).toContain(
    'There is nobody to ask here: say --yes.',
  );
  expect((await harness.release('rollback', 'nowhere', '--yes')).error).toBe(
    'There is no environment "nowhere"; there are: staging, production.',
  );
});

test("CodePipeline's refusals say what to do instead", async () => {
  pipeline.deliver('a'.repeat(40), 'Good');
  pipeline.version = 2;
  pipeline.deliver('b'.repeat(40), 'After a change of the pipeline');
  expect((await harness.release('rollback', 'staging', '--yes')).error).toContain(
    'Revert the commit and push instead',
  );
  pipeline.begin(pipeline.push('c'.repeat(40), 'Under way'), 'staging-service/Deploy');
  expect((await harness.release('rollback', 'staging', '--yes')).error).toContain('the stage is at work');
});
