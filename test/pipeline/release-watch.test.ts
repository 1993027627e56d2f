import { afterEach, expect, test } from 'vitest';
import type { ProgressSnapshot } from '../../lib/operator/release/pipeline/execution-progress.ts';
import { progressLines } from '../../lib/operator/release/pipeline/progress-lines.ts';
import { AwsFault, type Operations } from '../../local/pipeline/aws/aws-endpoint.ts';
import type { FakeExecution, FakePipeline } from './fakes/fake-pipeline.ts';
import { pipelineOperations } from './fakes/pipeline-operations.ts';
import { examplePipeline, type Harness, startHarness } from './release-harness.ts';

let harness: Harness | undefined;
afterEach(async () => {
  await harness?.stop();
  harness = undefined;
});

/** Operations that take the next step each time the execution is polled. */
function moving(pipeline: FakePipeline, steps: readonly (() => void)[]): Operations {
  const operations = pipelineOperations(pipeline);
  const left = [...steps];
  const lines: string[] = [];
  return {
    ...operations,
    'CodePipeline.GetPipelineExecution': (input) => {
      left.shift()?.();
      return operations['CodePipeline.GetPipelineExecution']?.(input);
    },
    'CodeBuild.BatchGetBuilds': ({ ids }) => {
      lines.push(`\u001b[32mline ${lines.length + 1}\u001b[0m\n`);
      return {
        builds: (ids as string[]).map((id) => ({
          id,
          currentPhase: 'BUILD',
          buildStatus: 'IN_PROGRESS',
          logs: { groupName: 'group', streamName: id.split(':')[1] },
        })),
      };
    },
    'Logs.GetLogEvents': ({ nextToken, logStreamName }) => {
      if (logStreamName === 'not-yet') {
        throw new AwsFault('ResourceNotFoundException', 'The specified log stream does not exist.');
      }
      const from = Number(nextToken ?? 0);
      return {
        events: lines.slice(from).map((message) => ({ message })),
        nextForwardToken: String(lines.length),
      };
    },
  };
}

function delivery(): { pipeline: FakePipeline; execution: FakeExecution } {
  const pipeline = examplePipeline();
  return { pipeline, execution: pipeline.push('a'.repeat(40), 'The first') };
}

test('a failed delivery is followed to its end: phases, log lines, the cause, exit code 1', async () => {
  const { pipeline, execution } = delivery();
  let tests: ReturnType<FakePipeline['begin']>;
  harness = await startHarness(
    moving(pipeline, [
      () => pipeline.pass(execution, 'Source'),
      () => {
        tests = pipeline.begin(execution, 'Build/Tests', 'windows-auth-tests:1');
      },
      () => undefined,
      () => pipeline.fail(tests, 'Build terminated with state: FAILED'),
    ]),
  );
  const { output, exitCode } = await harness.release('watch');
  expect(exitCode).toBe(1);
  expect(output).toMatch(
    new RegExp(`^windows-auth: execution ${execution.id.slice(0, 8)} of aaaaaaaa The first`),
  );
  expect(output).toContain('✔ Source/Source: Succeeded');
  expect(output).toContain('▶ Build/Tests: InProgress · BUILD');
  expect(output).toMatch(/Build\/Tests │ line 1\n/);
  expect(output.match(/│ line 1$/gm)).toHaveLength(1);
  expect(output).toMatch(/Failed\.\n {2}Build\/Tests: Build terminated with state: FAILED$/);
});

test('each line of a log is printed once, even if many arrive together, are alike, or arrive last', async () => {
  const { pipeline, execution } = delivery();
  let tests: ReturnType<FakePipeline['begin']>;
  const steps = [
    () => {
      tests = pipeline.begin(execution, 'Build/Tests', 'windows-auth-tests:1');
    },
    () => undefined,
    () => pipeline.fail(tests, 'Build terminated with state: FAILED'),
  ];
  const batches = [Array<string>(20).fill('alike'), ['alike', 'second'], ['the \u001b]0;owned\u0007last']];
  harness = await startHarness({
    ...moving(pipeline, steps),
    'Logs.GetLogEvents': ({ nextToken }) => {
      const number = Number(nextToken ?? 0);
      const token = String(Math.min(number + 1, batches.length));
      return {
        // One batch per poll; an unchanged token means that there are no more events for now.
        events: (batches[number] ?? []).map((message) => ({ message })),
        nextForwardToken: token,
      };
    },
  });
  const { output } = await harness.release('watch');
  const lines = output.split('\n').filter((line) => line.includes('│'));
  expect(lines.map((line) => line.split('│ ')[1])).toEqual([
    ...Array<string>(21).fill('alike'),
    'second',
    'the last',
  ]);
});

test('watch keeps waiting while an approval is pending, shows what it is about, and succeeds', async () => {
  const { pipeline, execution } = delivery();
  const approval = 'production-network-directory-approval';
  let waiting: ReturnType<FakePipeline['begin']>;
  harness = await startHarness(
    moving(pipeline, [
      () => {
        pipeline.succeed(pipeline.begin(execution, `${approval}/Changes`, 'changes:not-yet'));
        waiting = pipeline.begin(execution, `${approval}/Approve`);
      },
      () => pipeline.succeed(waiting),
      () => {
        execution.status = 'Succeeded';
      },
    ]),
  );
  const { output, exitCode } = await harness.release('watch', execution.id.slice(0, 6));
  expect(exitCode).toBe(0);
  expect(output).toContain(`? ${approval}/Approve: Waiting · network-directory of production would change.`);
  expect(output).toMatch(/Succeeded\.$/);
});

test('a name that matches no execution, or several commits, is refused, lest the wrong one be reported', async () => {
  const { pipeline } = delivery();
  const [one, other] = ['1', '2'].map((digit) => pipeline.deliver(`abcd${digit.repeat(36)}`, digit));
  harness = await startHarness(pipelineOperations(pipeline));
  // As passed by a script whose variable is empty.
  expect((await harness.release('watch', '')).error).toBe(
    '"" does not name an execution: give the beginning of its id or of its commit, or nothing for the newest.',
  );
  expect((await harness.release('watch', 'abcd')).error).toBe(
    '2 commits begin with abcd: give more of one of abcd2222, abcd1111.',
  );
  expect((await harness.release('watch', 'abcd1')).output).toContain(`execution ${one?.id.slice(0, 8)} `);
  // If the same commit was delivered again, its newest execution is watched.
  const again = pipeline.deliver(other?.commit ?? '', 'again');
  expect((await harness.release('watch', 'abcd2')).output).toContain(`execution ${again.id.slice(0, 8)} `);
});

test.for(['Superseded', 'Stopped', 'Cancelled'])(
  'an execution that ends as %s ends the watch',
  async (status) => {
    const { pipeline, execution } = delivery();
    execution.status = status;
    harness = await startHarness(moving(pipeline, []));
    const { output, exitCode } = await harness.release('watch', 'aaaa');
    expect(exitCode).toBe(1);
    expect(output).toMatch(
      status === 'Superseded' ? /A newer execution has taken its place/ : new RegExp(`${status}\\.$`),
    );
  },
);

test('--json prints a document for each change', async () => {
  const { pipeline, execution } = delivery();
  harness = await startHarness(
    moving(pipeline, [
      () => undefined,
      () => undefined,
      () => pipeline.pass(execution, 'Source'),
      () => {
        execution.status = 'Succeeded';
      },
    ]),
  );
  const { output } = await harness.release('watch', '--json');
  const documents = output.split('\n').map((line) => JSON.parse(line) as ProgressSnapshot);
  expect(documents.map(({ status }) => status)).toEqual(['InProgress', 'InProgress', 'Succeeded']);
  expect(documents[1]?.actions[0]).toMatchObject({ name: 'Source', status: 'Succeeded' });
});

test('an unknown execution is reported', async () => {
  const { pipeline } = delivery();
  harness = await startHarness(moving(pipeline, []));
  expect((await harness.release('watch', 'ffff')).error).toContain(
    'None of the last 1 executions begins with ffff',
  );
});

test('on a small terminal the running action stays visible, and no line is wider than the terminal', () => {
  const actions = Array.from({ length: 40 }, (_, index) => ({
    stage: `stage-${index}`,
    name: 'Deploy',
    runOrder: 1,
    status: index < 30 ? 'Succeeded' : index === 30 ? 'InProgress' : 'NotYet',
    startedAt: '',
    updatedAt: '',
    message: '',
    phase: index === 30 ? 'BUILD' : '',
    log: index === 30 ? ['x'.repeat(200)] : [],
    newLines: [],
  }));
  const lines = progressLines({ status: 'InProgress', statusSummary: '', actions }, 40, 12);
  expect(lines).toHaveLength(12);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
  const plain = lines.map((line) => line.replaceAll(/\u001b\[[0-9;]*m/g, ''));
  expect(plain.join('\n')).toContain('▶ stage-30');
  expect(plain.join('\n')).toContain('Deploy  BUILD');
  for (const line of plain) expect(line.length).toBeLessThanOrEqual(40);
  const snapshot = { status: 'InProgress', statusSummary: '', actions };
  for (const [rows, shown] of [
    [3, 3],
    [1, 1],
    [0, 0],
    [-2, 0],
  ] as const) {
    expect(progressLines(snapshot, 20, rows)).toHaveLength(shown);
  }
});
