import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { endRecordedProcesses } from '../../processes/end-recorded-processes.ts';
import { synthesize } from './assembly.ts';

let state: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'assembly-'));
});
afterEach(() => rmSync(state, { recursive: true, force: true }));

function program(text: string): string {
  const file = join(state, 'program.mjs');
  writeFileSync(file, text);
  return file;
}

const runsHere = process.platform === 'linux';

test.runIf(runsHere)(
  'the error of a failed synthesis contains its output, and not that of an earlier one',
  async () => {
    for (const text of ['one', 'two']) {
      const failed = synthesize(state, program(`console.log('${text}'); process.exitCode = 3;`));
      await expect(failed).rejects.toThrow(
        new RegExp(`^Synthesizing the pipeline failed \\(.*program.mjs\\):\\n${text}$`),
      );
    }
  },
);

test.runIf(runsHere)('the next rehearsal ends a synthesis that a killed one left running', async () => {
  const left = synthesize(state, program('setInterval(() => {}, 1000);'));
  const ended = expect(left).rejects.toThrow('Synthesizing the pipeline failed');
  await expect.poll(() => readdirSync(join(state, 'processes'))).toEqual(['synthesis.json']);
  expect(await endRecordedProcesses(state)).toEqual(['synthesis']);
  await ended;
});

test.runIf(runsHere)('a synthesis that takes too long is stopped, and the error says so', async () => {
  const endless = synthesize(state, program('setInterval(() => {}, 1000);'), 50);
  await expect(endless).rejects.toThrow(/^Synthesizing the pipeline failed \(.*, stopped after 0\.05 s\)/);
});
