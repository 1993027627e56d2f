import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AwsFault } from '../../local/pipeline/aws/aws-endpoint.ts';
import type { FakeExecution, FakePipeline } from './fakes/fake-pipeline.ts';
import { pipelineOperations } from './fakes/pipeline-operations.ts';
import { examplePipeline, type Harness, startHarness } from './release-harness.ts';

let pipeline: FakePipeline;
let harness: Harness;
beforeEach(async () => {
  pipeline = examplePipeline();
  harness = await startHarness(pipelineOperations(pipeline));
});
afterEach(() => harness.stop());

test('rolls back to the last successful execution before the current one', async () => {
  const good = pipeline.deliver('a'.repeat(40), 'Good');
  pipeline.deliver('b'.repeat(40), 'Present');
  const { output, exitCode } = await harness.release('rollback', 'production', '--yes', '--json');
  expect(exitCode).toBe(0);
  const { execution, target, stage } = JSON.parse(output);
  expect({ target, stage }).toEqual({ target: good.id, stage: 'production-service' });
  expect(pipeline.latest.get('production-service')).toEqual({ executionId: execution, type: 'ROLLBACK' });
});

test('after a failure, rolls back to the last execution that succeeded', async () => {
  pipeline.deliver('a'.repeat(40), 'Older');
  const good = pipeline.deliver('b'.repeat(40), 'Good');
  const bad = pipeline.push('c'.repeat(40), 'Bad');
  pipeline.fail(pipeline.begin(bad, 'production-service/Deploy'), 'no');
  const { output } = await harness.release('rollback', 'production', '--yes');
  expect(output).toContain('Rolling back production-service to bbbbbbbb Good');
  expect(pipeline.executions[0]).toMatchObject({ type: 'ROLLBACK', commit: good.commit });
});

test('--to names a commit; one that never succeeded is refused with a list of those that did', async () => {
  pipeline.deliver('a'.repeat(40), 'Oldest');
  pipeline.deliver('b'.repeat(40), 'Older');
  pipeline.deliver('c'.repeat(40), 'Present');
  expect((await harness.release('rollback', 'staging', '--to', 'aaaa', '--yes')).output).toContain(
    'to aaaaaaaa Oldest',
  );
  const { error } = await harness.release('rollback', 'production', '--to', 'ffff', '--yes');
  expect(error).toMatch(
    /^No execution with ffff has gone through production-service; these have .*: cccccccc, bbbbbbbb, aaaaaaaa\.$/,
  );
});

test('a name that matches no commit, or several, is refused and nothing is started', async () => {
  pipeline.deliver(`abcd${'1'.repeat(36)}`, 'One');
  pipeline.deliver(`abcd${'2'.repeat(36)}`, 'Other');
  pipeline.deliver('c'.repeat(40), 'Present');
  const to = async (beginning: string) =>
    (await harness.release('rollback', 'production', '--to', beginning, '--yes')).error;
  // As passed by a script whose variable is empty.
  expect(await to('')).toBe(
    '"" is too short to say where to go back to: give at least 4 characters of a commit or an execution id.',
  );
  expect(await to('abc')).toContain('"abc" is too short');
  expect(await to('abcd')).toBe(
    '2 commits that have gone through production-service begin with abcd: give more of one of abcd2222, abcd1111.',
  );
  expect(pipeline.executions.every(({ type }) => type !== 'ROLLBACK')).toBe(true);
  // A commit that was delivered twice counts as one.
  pipeline.deliver(`abcd${'1'.repeat(36)}`, 'One, again');
  pipeline.deliver('c'.repeat(40), 'Present');
  const { output } = await harness.release('rollback', 'production', '--to', 'abcd1', '--yes');
  expect(output).toContain('to abcd1111 One, again');
});

test('without --yes, without an earlier execution, or for an unknown environment, it says so', async () => {
  pipeline.deliver('a'.repeat(40), 'Only');
  expect((await harness.release('rollback', 'staging', '--yes')).error).toContain('nothing to go back to');
  pipeline.deliver('b'.repeat(40), 'Second');
  expect((await harness.release('rollback', 'staging')).error).toContain(
    'Nobody can be asked here: add --yes.',
  );
  expect((await harness.release('rollback', 'nowhere', '--yes')).error).toBe(
    'There is no environment "nowhere"; there are: staging, production.',
  );
});

test('a single service cannot be rolled back: it says what to do instead and starts nothing', async () => {
  pipeline.deliver('a'.repeat(40), 'Good');
  pipeline.deliver('b'.repeat(40), 'Present');
  const { error, exitCode } = await harness.release('rollback', 'staging', '--service', 'web', '--yes');
  expect(error).toMatch(
    /^web cannot be rolled back alone: .* \(git log -- services\/web cdk\.json\), revert it and push.* without --service\.$/,
  );
  expect(exitCode).toBe(1);
  expect(pipeline.executions.every(({ type }) => type !== 'ROLLBACK')).toBe(true);
  expect((await harness.release('rollback', 'staging', '--service', 'other', '--yes')).error).toBe(
    'There is no service other: the configuration has web.',
  );
});

describe.each([true, false])('Rollback starts from what is deployed (rollbacks are listed: %s)', (listed) => {
  const target = async (...words: string[]) => {
    const run = await harness.release('rollback', 'production', '--yes', ...words);
    return run.error || /to (\w+) /.exec(run.output)?.[1];
  };
  /** Completes the requested rollback. */
  const finish = () => {
    const [rollback] = pipeline.executions;
    for (const { name } of pipeline.stages.find((stage) => stage.name === stageOfProduction)?.actions ?? [])
      pipeline.succeed(pipeline.begin(rollback as FakeExecution, `${stageOfProduction}/${name}`));
    (rollback as FakeExecution).status = 'Succeeded';
  };
  const stageOfProduction = 'production-service';
  beforeEach(() => {
    pipeline.listsRollbacks = listed;
  });

  test('a second rollback goes further back, not forward', async () => {
    pipeline.deliver('a'.repeat(40), 'Oldest');
    pipeline.deliver('b'.repeat(40), 'Older');
    pipeline.deliver('c'.repeat(40), 'Bad');
    expect(await target()).toBe('bbbbbbbb');
    finish();
    expect((await harness.release('status')).output).toMatch(/^production .*✔ bbbbbbbb rolled back$/m);
    expect(await target()).toBe('aaaaaaaa');
    finish();
    expect(await target()).toMatch(
      /^There is nothing to go back to: aaaaaaaa runs in production-service, and nothing before it;/,
    );
    // Going forward takes an explicit --to.
    expect(await target('--to', 'cccc')).toBe('cccccccc');
    finish();
    expect(await target()).toBe('aaaaaaaa');
  });

  test('after an automatic rollback, what already runs is not offered', async () => {
    pipeline.deliver('a'.repeat(40), 'Oldest');
    const good = pipeline.deliver('b'.repeat(40), 'Good');
    const bad = pipeline.push('c'.repeat(40), 'Bad');
    pipeline.fail(pipeline.begin(bad, 'production-service/Deploy'), 'no');
    pipeline.rollBack('production-service', good);
    expect((await harness.release('status')).output).toMatch(/✔ bbbbbbbb rolled back$/m);
    expect(await target()).toBe('aaaaaaaa');
  });

  test('a commit that was rolled back is not offered, even after a later delivery', async () => {
    const good = pipeline.deliver('a'.repeat(40), 'Good');
    pipeline.deliver('b'.repeat(40), 'Bad');
    pipeline.rollBack('production-service', good);
    pipeline.deliver('c'.repeat(40), 'Newest');
    expect(await target()).toBe('aaaaaaaa');
  });

  test('a failed rollback, or one of another stage, does not change the target', async () => {
    const good = pipeline.deliver('a'.repeat(40), 'Good');
    pipeline.deliver('b'.repeat(40), 'Present');
    pipeline.rollBack('staging-service', good);
    const { environments } = JSON.parse((await harness.release('status', '--json')).output);
    expect(environments[0].parts[2]).toMatchObject({ deployed: good.commit, rollback: true });
    expect(environments[1].parts[2]).toMatchObject({ deployed: 'b'.repeat(40), rollback: false });
    pipeline.rollBack('production-service', good, 'Failed');
    expect(await target()).toBe('bbbbbbbb');
  });

  test('a second delivery of the same commit is not a target', async () => {
    pipeline.deliver('a'.repeat(40), 'Good');
    pipeline.deliver('b'.repeat(40), 'Present');
    pipeline.deliver('b'.repeat(40), 'Present');
    expect(await target()).toBe('aaaaaaaa');
  });
});

test('an execution whose artifacts have expired is refused, by default and by name, before asking', async () => {
  pipeline.clock -= 40 * 86_400;
  pipeline.deliver('a'.repeat(40), 'Old');
  pipeline.clock += 30.5 * 86_400;
  pipeline.deliver('b'.repeat(40), 'Younger');
  pipeline.deliver('c'.repeat(40), 'Present');
  expect((await harness.release('rollback', 'staging', '--yes')).output).toContain('to bbbbbbbb');
  const { error } = await harness.release('rollback', 'production', '--to', 'aaaa');
  expect(error).toBe(
    'aaaaaaaa Old was delivered 40 days ago, and its artifacts are kept for 30 (pipeline.artifactRetentionDays in cdk.json): it is no longer possible to go back to it. Revert what came after it and push instead: that runs the whole pipeline, with its tests.',
  );
  expect(harness.endpoint.calls.filter(({ operation }) => /Rollback/.test(operation))).toHaveLength(1);
});

test('a lost answer is not a failure: the retry finds the rollback that was started', async () => {
  pipeline.deliver('a'.repeat(40), 'Good');
  pipeline.deliver('b'.repeat(40), 'Present');
  const operations = pipelineOperations(pipeline);
  let lost = false;
  await harness.stop();
  harness = await startHarness({
    ...operations,
    'CodePipeline.RollbackStage': async (input) => {
      const answer = await operations['CodePipeline.RollbackStage']?.(input);
      if (lost) return answer;
      lost = true;
      throw new AwsFault('InternalFailure', 'The answer got lost', 500);
    },
  });
  const { output, error } = await harness.release('rollback', 'staging', '--yes');
  expect([error, lost]).toEqual(['', true]);
  expect(output).toContain('Rolling back staging-service to aaaaaaaa Good');
  expect(pipeline.executions.filter(({ type }) => type === 'ROLLBACK')).toHaveLength(1);
});

test("CodePipeline's refusals say what to do instead", async () => {
  pipeline.deliver('a'.repeat(40), 'Good');
  pipeline.version = 2;
  pipeline.deliver('b'.repeat(40), 'After a change of the pipeline');
  expect((await harness.release('rollback', 'staging', '--yes')).error).toContain(
    'Revert the commit and push instead',
  );
  pipeline.begin(pipeline.push('c'.repeat(40), 'Under way'), 'staging-service/Deploy');
  expect((await harness.release('rollback', 'staging', '--yes')).error).toContain('the stage is running');
});
