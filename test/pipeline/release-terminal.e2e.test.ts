import { spawn } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AwsEndpoint, startAwsEndpoint } from '../../local/pipeline/aws/aws-endpoint.ts';
import type { FakeExecution, FakePipeline } from './fakes/fake-pipeline.ts';
import { pipelineOperations } from './fakes/pipeline-operations.ts';
import { Screen } from './fakes/screen.ts';
import { examplePipeline } from './release-harness.ts';

const [rows, columns] = [24, 60];
let pipeline: FakePipeline;
let execution: FakeExecution;
let endpoint: AwsEndpoint;
/** One step for each poll of the execution. */
let steps: (() => void)[];
let logLine: string;

beforeEach(async () => {
  pipeline = examplePipeline();
  execution = pipeline.push('a'.repeat(40), 'A title that is a good deal longer than the terminal is wide');
  const operations = pipelineOperations(pipeline);
  logLine = `a line of a log that is longer than the terminal: ${'x'.repeat(100)}`;
  endpoint = await startAwsEndpoint({
    ...operations,
    'CodePipeline.GetPipelineExecution': (input) => {
      steps.shift()?.();
      return operations['CodePipeline.GetPipelineExecution']?.(input);
    },
    'CodeBuild.BatchGetBuilds': ({ ids }) => ({
      builds: (ids as string[]).map((id) => ({
        id,
        currentPhase: 'BUILD',
        logs: { groupName: 'group', streamName: id },
      })),
    }),
    'Logs.GetLogEvents': ({ nextToken }) => ({
      events: nextToken
        ? []
        : Array.from({ length: 20 }, (_, number) => ({ message: `${number} ${logLine}` })),
      nextForwardToken: 'end',
    }),
  });
});
afterEach(() => endpoint.stop());

/** Delays a step until `seen` holds, because on a busy machine two pictures may arrive as one. */
function once(seen: () => boolean, step: () => void): () => void {
  const look = () => {
    if (seen()) step();
    else steps.unshift(look);
  };
  return look;
}

/** Runs the tool in its own terminal, which script(1) makes. */
function inTerminal(command: string, onOutput: (screen: Screen, type: (keys: string) => void) => void) {
  const child = spawn(
    'script',
    [
      ...['--quiet', '--return', '--flush', '--command'],
      `stty rows ${rows} cols ${columns}; exec node bin/release.ts --interval 0.05 ${command}`,
      '/dev/null',
    ],
    {
      env: { ...process.env, TERM: 'xterm', NO_COLOR: '', ...endpoint.environment },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const screen = new Screen(rows, columns);
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    screen.write(chunk);
    onOutput(screen, (keys) => child.stdin.write(keys));
  });
  return new Promise<{ screen: Screen; exitCode: number | null }>((resolve) => {
    child.once('close', (exitCode) => resolve({ screen, exitCode }));
  });
}

test('watch draws each picture over the previous one, none larger than the terminal', async () => {
  steps = [
    () => pipeline.pass(execution, 'Source'),
    () => {
      pipeline.begin(execution, 'Build/Image-web', 'windows-auth-image-web:1');
      pipeline.begin(execution, 'Build/Tests', 'windows-auth-tests:2');
    },
    once(
      () =>
        [/▶ Tests {2}BUILD.*\n +│ \d+ a line/, /· production-service/].every((part) =>
          busy().some((picture) => part.test(picture)),
        ),
      () => {
        execution.status = 'Succeeded';
      },
    ),
  ];
  const pictures: string[] = [];
  // A picture with the log of Image-web is complete enough to look at; output may arrive in the middle of one.
  const busy = () => pictures.filter((picture) => /▶ Image-web {2}BUILD.*\n +│ \d+ a line/.test(picture));
  const { screen, exitCode } = await inTerminal('watch', ({ text }) => pictures.push(text));
  expect(exitCode).toBe(0);
  // No line wrapped at the right or scrolled out at the top, and the last picture overwrote the others.
  expect(screen.overflows).toBe(0);
  expect(screen.text.match(/windows-auth: execution/g)).toHaveLength(1);
  expect(busy()).toContainEqual(expect.stringMatching(/▶ Tests {2}BUILD.*\n +│ \d+ a line/));
  expect(busy()).toContainEqual(expect.stringContaining('· production-service'));
  expect(screen.text).toMatch(/Succeeded\.$/);
});

test('a title and a log with wide characters and terminal escape sequences do not break the picture', async () => {
  execution = pipeline.push('b'.repeat(40), `\u001b]0;owned\u0007\u001b[2J\u009b8m${'日本語'.repeat(20)}🎉`);
  logLine = `\u001b[1A\u001b[8m${'ログの行'.repeat(20)}`;
  let tests: ReturnType<FakePipeline['begin']>;
  steps = [
    () => {
      tests = pipeline.begin(execution, 'Build/Tests', 'windows-auth-tests:2');
    },
    once(
      () => pictures.some((picture) => shown.test(picture)),
      () => {
        pipeline.succeed(tests);
        execution.status = 'Succeeded';
      },
    ),
  ];
  const pictures: string[] = [];
  const shown = /│ \d+ ログの行ログの行/;
  const { screen, exitCode } = await inTerminal('watch', ({ text }) => pictures.push(text));
  expect(exitCode).toBe(0);
  expect(screen.overflows).toBe(0);
  expect(screen.foreign).toEqual([]);
  expect(screen.text).toMatch(/^windows-auth: execution \w+ of bbbbbbbb 日本語日本語日/);
  expect(pictures.some((picture) => shown.test(picture))).toBe(true);
});

test('Ctrl-C ends watch immediately and restores the cursor', async () => {
  steps = [];
  let pressed = false;
  const { screen, exitCode } = await inTerminal('watch', ({ text }, type) => {
    if (pressed || !text.includes('production-service')) return;
    pressed = true;
    type('\u0003');
  });
  expect(exitCode).toBe(1);
  expect(screen.cursorVisible).toBe(true);
  expect(screen.text).toMatch(/Stopped\.$/);
});

test('approve asks about the execution that it shows, and answers that one', async () => {
  const approval = 'production-network-directory-approval';
  const waiting = pipeline.begin(execution, `${approval}/Approve`);
  let answered = false;
  const { screen, exitCode } = await inTerminal('approve', ({ text }, type) => {
    if (answered || !text.replaceAll('\n', '').includes('[y/N]')) return;
    answered = true;
    type('y\n');
  });
  expect(exitCode).toBe(0);
  expect(screen.text.replaceAll('\n', '')).toContain(
    `Approve execution ${execution.id.slice(0, 8)} in ${approval}?`,
  );
  expect(waiting.status).toBe('Succeeded');
});

test('Ctrl-C at the question of approve sends no answer', async () => {
  const waiting = pipeline.begin(execution, 'production-service-approval/Approve');
  let pressed = false;
  const { exitCode } = await inTerminal('approve', ({ text }, type) => {
    if (pressed || !text.replaceAll('\n', '').includes('[y/N]')) return;
    pressed = true;
    type('\u0003');
  });
  expect(exitCode).toBe(1);
  expect(waiting.status).toBe('InProgress');
});

test('rollback asks first, and does nothing if the answer is no', async () => {
  pipeline.deliver('b'.repeat(40), 'Good');
  pipeline.deliver('c'.repeat(40), 'Present');
  let answered = false;
  const { screen, exitCode } = await inTerminal('rollback production', ({ text }, type) => {
    if (answered || !text.replaceAll('\n', '').includes('[y/N]')) return;
    answered = true;
    type('n\n');
  });
  expect(screen.text.replaceAll('\n', '')).toMatch(/bbbbbbbb.*\[y\/N\]/);
  expect(exitCode).not.toBeNull();
  expect(endpoint.calls.map(({ operation }) => operation)).not.toContain('CodePipeline.RollbackStage');
});
