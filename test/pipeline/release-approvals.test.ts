import { afterEach, beforeEach, expect, test } from 'vitest';
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

test('an approval is shown with what would change, then given with its message', async () => {
  const waiting = wait(networkApproval);
  const { output, exitCode } = await harness.release('approve', '--message', 'Looks right');
  expect(exitCode).toBe(0);
  expect(output.split('\n')).toEqual([
    `${networkApproval} (execution ${execution.id.slice(0, 8)})`,
    'network-directory of production would change.',
    `https://console.example/${networkApproval}`,
    'Approved.',
  ]);
  expect(waiting).toMatchObject({ status: 'Succeeded', summary: 'Looks right' });
});

test('a rejection fails the execution', async () => {
  wait(networkApproval);
  const { output } = await harness.release('reject', 'production', '--json');
  expect(JSON.parse(output)).toEqual({
    stage: networkApproval,
    action: 'Approve',
    executionId: execution.id,
    status: 'Rejected',
  });
  expect(execution.status).toBe('Failed');
});

test('with several waiting, one must be named', async () => {
  wait(networkApproval);
  execution = pipeline.push('d'.repeat(40), 'The fourth');
  const database = wait('production-database-approval');
  const { error } = await harness.release('approve');
  expect(error).toBe(`Several approvals wait: name one of ${networkApproval}, production-database-approval.`);
  expect((await harness.release('approve', 'staging')).error).toContain(
    '"staging" does not wait for an approval',
  );
  expect((await harness.release('approve', 'production-database')).exitCode).toBe(0);
  expect(database.status).toBe('Succeeded');
});

test('nothing waiting, or answered by somebody else meanwhile, is said', async () => {
  expect((await harness.release('approve')).error).toBe('Nothing waits for an approval.');
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
  const { error, exitCode } = await harness.release('approve');
  expect(error).toContain('Somebody else has answered');
  expect(exitCode).toBe(1);
});
