// `check-changes --assembly DIRECTORY REGION/STACK=TEMPLATE…`: fails with an error for each change in these templates that
// cannot be deployed, before any of them is deployed.
import { parseArgs } from 'node:util';
import { namedStack } from './changes/assembly.ts';
import { deployedTemplate } from './changes/deployed-template.ts';
import { recordsTaken, type StackPair } from './changes/records.ts';
import { refuse, refusedInStack } from './changes/refusals.ts';
import { templateReader } from './changes/template-reader.ts';
import { progress, runProgram } from './program.ts';

async function checkChanges(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { assembly: { type: 'string' } },
  });
  const { assembly } = values;
  if (!assembly || positionals.length === 0) {
    throw new Error('usage: check-changes --assembly DIRECTORY REGION/STACK=TEMPLATE…');
  }
  const reader = templateReader();
  const refused: string[] = [];
  const pairs: StackPair[] = [];
  for (const stack of positionals.map((words) => namedStack(assembly, words))) {
    const deployed = await deployedTemplate(stack, reader);
    refused.push(...refusedInStack(deployed, stack.template));
    pairs.push({ deployed, synthesized: stack.template });
  }
  refused.push(...recordsTaken(pairs));
  refuse(refused);
  progress('All changes can be deployed.');
}

runProgram(checkChanges);
