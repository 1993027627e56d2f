import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { sharedFolder, shareFolder } from '../made-once.ts';
import { Clone } from './clone.ts';
import { builtDigests, exportedDigests } from './fakes/built-delivery.ts';
import { type ActionRun, runAction } from './run-action.ts';

const name = 'assembly of the example';

/** Runs the pipeline's Synth in a clone, and shares its assembly, `cdk.out`, with test files that start later. */
export async function synthesizeExample(clone: Clone): Promise<ActionRun> {
  const variables = exportedDigests(builtDigests());
  const run = await runAction('Build/Synth', { directory: clone.directory, variables });
  if (run.status === 'SUCCEEDED') shareFolder(name, join(clone.directory, 'cdk.out'));
  return run;
}

/**
 * Puts the assembly that the pipeline's Synth makes of the example into a folder; reuses that of an earlier test file.
 *
 * @throws Error with the log of Synth when it fails
 */
export async function exampleAssembly(directory: string): Promise<void> {
  if (sharedFolder(name, directory)) return;
  const clone = new Clone();
  try {
    const { status, log } = await synthesizeExample(clone);
    if (status !== 'SUCCEEDED') throw new Error(log);
    cpSync(join(clone.directory, 'cdk.out'), directory, { recursive: true });
  } finally {
    clone.remove();
  }
}
