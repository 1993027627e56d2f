// `summarize-changes --assembly DIRECTORY --reader ROLE --summary-file FILE STAGE…`: prints what a deployment of these
// stages would change, and writes one line of it for the approval. ROLE reads what is deployed.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { formatDifferences, fullDiff } from '@aws-cdk/cloudformation-diff';
import { stageStacks } from './changes/assembly.ts';
import { changeSummary } from './changes/change-summary.ts';
import { stackChanges } from './changes/changes.ts';
import { deployedTemplate } from './changes/deployed-template.ts';
import { runProgram } from './program.ts';

async function summarizeChanges(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      assembly: { type: 'string' },
      reader: { type: 'string' },
      'summary-file': { type: 'string' },
    },
  });
  const { assembly, reader, 'summary-file': file } = values;
  if (!assembly || !reader || !file || positionals.length === 0) {
    throw new Error('usage: summarize-changes --assembly DIRECTORY --reader ROLE --summary-file FILE STAGE…');
  }
  const changes = [];
  for (const stack of positionals.flatMap((stage) => stageStacks(assembly, stage))) {
    const deployed = await deployedTemplate(stack, reader);
    console.log(`\n── ${stack.stackName} (${stack.account}, ${stack.region})${deployed ? '' : ': new'}`);
    if (deployed) formatDifferences(process.stdout, fullDiff(deployed, stack.template));
    changes.push(stackChanges(stack.stackName, deployed, stack.template));
  }
  const summary = changeSummary(changes);
  await writeFile(file, summary);
  console.log(`\n${summary}`);
}

runProgram(summarizeChanges);
