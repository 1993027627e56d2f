import { afterEach, beforeEach, expect, test } from 'vitest';
import { AwsFault } from '../../local/pipeline/aws/aws-endpoint.ts';
import type { FakeExecution, FakePipeline } from './fakes/fake-pipeline.ts';
import { pipelineOperations } from './fakes/pipeline-operations.ts';
import { examplePipeline, type Harness, startHarness } from './release-harness.ts';

let pipeline: FakePipeline;
let harness: Harness;
let execution: FakeExecution;
beforeEach(async () => {
  pipeline = examplePipeline();
  execution = pipeline.push('c'.repeat(40), 'The third');
  harness = await startHarness(pipelineOperations(pipeline));
});
afterEach(() => harness.stop());

const networkApproval = 'production-network-directory-approval';
const wait = (stage: string) => {
  pipeline.succeed(pipeline.begin(execution, `${stage}/Changes`));
  return pipeline.begin(execution, `${stage}/Approve`);
};

/** Names the execution, as an approver who has read its summary does. */
const named = () => ['--execution', execution.id.slice(0, 8)];

test('approve shows what would change, then approves with the given message', async () => {
  const waiting = wait(networkApproval);
  const { output, exitCode } = await harness.release('approve', ...named(), '--message', 'Looks right');
  expect(exitCode).toBe(0);
  expect(output.split('\n')).toEqual([
    `${networkApproval} (execution ${execution.id.slice(0, 8)} of cccccccc The third)`,
    'network-directory of production would change.',
    `https://console.example/${networkApproval}`,
    'Approved.',
  ]);
  expect(waiting).toMatchObject({ status: 'Succeeded', summary: 'Looks right' });
});

test('a rejection fails the execution', async () => {
  wait(networkApproval);
  const { output } = await harness.release('reject', 'production', '--json', ...named());
  expect(JSON.parse(output)).toEqual({
    stage: networkApproval,
    action: 'Approve',
    executionId: execution.id,
    status: 'Rejected',
  });
  expect(execution.status).toBe('Failed');
});

test('if several approvals wait, one must be named', async () => {
  wait(networkApproval);
  execution = pipeline.push('d'.repeat(40), 'The fourth');
  const database = wait('production-database-approval');
  const { error } = await harness.release('approve');
  expect(error).toBe(
    `Several approvals are waiting: name one of ${networkApproval}, production-database-approval.`,
  );
  expect((await harness.release('approve', 'staging')).error).toContain(
    'No approval is waiting in "staging"',
  );
  expect((await harness.release('approve', 'production-database', ...named())).exitCode).toBe(0);
  expect(database.status).toBe('Succeeded');
});

test('it is reported if nothing waits, or if somebody else has answered meanwhile', async () => {
  expect((await harness.release('approve')).error).toBe('No approval is waiting.');
  const waiting = wait(networkApproval);
  const operations = pipelineOperations(pipeline);
  await harness.stop();
  harness = await startHarness({
    ...operations,
    'CodePipeline.PutApprovalResult': (input) => {
      pipeline.succeed(waiting);
      return operations['CodePipeline.PutApprovalResult']?.(input);
    },
  });
  const { error, exitCode } = await harness.release('approve', ...named());
  expect(error).toContain('Somebody else has answered');
  expect(exitCode).toBe(1);
});

test('an approval is not answered for an execution other than the named one', async () => {
  const waiting = wait(networkApproval);
  for (const [id, sentence] of [
    [
      '00000000',
      `In ${networkApproval}, the execution ${execution.id.slice(0, 8)} is waiting, not 00000000.`,
    ],
    [execution.id.slice(0, 7), 'is too short to name an execution: give at least 8 characters'],
    ['', 'is too short to name an execution'],
  ] as const) {
    const { error, exitCode } = await harness.release('approve', '--execution', id);
    expect(error).toContain(sentence);
    expect(exitCode).toBe(1);
  }
  expect(waiting.status).toBe('InProgress');
});

test.each(['approve', 'reject'])(
  'without a terminal, %s without --execution sends no answer',
  async (word) => {
    const waiting = wait(networkApproval);
    for (const words of [[word], [word, '--json']]) {
      const { error } = await harness.release(...words);
      expect(error).toMatch(/execution \w{8} in \S+\? Nobody can be asked here: name it with --execution\.$/);
    }
    expect(waiting.status).toBe('InProgress');
  },
);

test('a lost answer is not a failure: the retry finds the approval that was given', async () => {
  const waiting = wait(networkApproval);
  const operations = pipelineOperations(pipeline);
  let lost = false;
  await harness.stop();
  harness = await startHarness({
    ...operations,
    'CodePipeline.PutApprovalResult': async (input) => {
      const answer = await operations['CodePipeline.PutApprovalResult']?.(input);
      if (lost) return answer;
      lost = true;
      throw new AwsFault('InternalFailure', 'The answer got lost', 500);
    },
  });
  const { output, error } = await harness.release('approve', ...named());
  expect([error, lost]).toEqual(['', true]);
  expect(output).toMatch(/Approved\.$/);
  expect(waiting.status).toBe('Succeeded');
});
