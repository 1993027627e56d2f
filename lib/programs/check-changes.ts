// `check-changes --assembly DIRECTORY REGION/STACK=TEMPLATE…`: ends with a sentence for each change that no deployment of
// these templates could carry out, before any of them is begun.
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
  progress('Every change can be carried out.');
}

runProgram(checkChanges);
