// `summarize-changes --assembly DIRECTORY [REGION/STACK=TEMPLATE…]`: prints what a deployment of these templates would
// change. Writes a one-line summary for the approval to `change-summary.txt`, and to `changes.txt` `none` if every template
// equals the deployed one, otherwise `some`. Fails if a change cannot be deployed. Without stacks it compares those that
// `cdk deploy pipeline` would deploy, and makes sure that the command would deploy nothing else.
import { writeFile } from 'node:fs/promises';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { formatDifferences, fullDiff } from '@aws-cdk/cloudformation-diff';
import * as z from 'zod';
import { type AssemblyStack, namedStack, rootStacks } from './changes/assembly.ts';
import { changeSummary } from './changes/change-summary.ts';
import { stackChanges } from './changes/changes.ts';
import { deployedTemplate } from './changes/deployed-template.ts';
import { noLongerDelivered } from './changes/no-longer-delivered.ts';
import { checkPipelineAssembly } from './changes/pipeline-assembly.ts';
import { recordsTaken, type StackPair } from './changes/records.ts';
import { refuse, refusedInStack } from './changes/refusals.ts';
import { templateReader } from './changes/template-reader.ts';
import { readVariables, runProgram, words } from './program.ts';

/** The images from the configuration that these templates run. */
function imagesOfOthers(templates: readonly Record<string, unknown>[]): string[] {
  const { GIVEN_IMAGES: given } = readVariables({ GIVEN_IMAGES: words });
  const digests = templates.map((template) => JSON.stringify(template));
  return given.filter((uri) => digests.some((text) => text.includes(uri.split('/').slice(1).join('/'))));
}

/** The stacks that `cdk deploy pipeline` deploys from the assembly, after a check, because the commit's code produced it. */
function pipelineStacks(assembly: string, reader: string): AssemblyStack[] {
  const { BOOTSTRAP_QUALIFIER: qualifier } = readVariables({
    BOOTSTRAP_QUALIFIER: z.string('it is required.'),
  });
  checkPipelineAssembly(assembly, { account: reader.split(':')[4] ?? '', qualifier });
  return rootStacks(assembly);
}

async function summarizeChanges(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { assembly: { type: 'string' } },
  });
  const { assembly } = values;
  if (!assembly) throw new Error('usage: summarize-changes --assembly DIRECTORY [REGION/STACK=TEMPLATE…]');
  const reader = templateReader();
  const stacks =
    positionals.length > 0
      ? positionals.map((words) => namedStack(assembly, words))
      : pipelineStacks(assembly, reader);
  const changes = [];
  const refused: string[] = [];
  const pairs: StackPair[] = [];
  const left: string[] = [];
  let same = true;
  for (const stack of stacks) {
    const deployed = await deployedTemplate(stack, reader);
    console.log(`\n── ${stack.stackName} (${stack.region})${deployed ? '' : ': new'}`);
    if (deployed) formatDifferences(process.stdout, fullDiff(deployed, stack.template));
    changes.push(stackChanges(stack.stackName, deployed, stack.template));
    refused.push(...refusedInStack(deployed, stack.template));
    pairs.push({ deployed, synthesized: stack.template });
    left.push(...noLongerDelivered(deployed, stack.template));
    same &&= isDeepStrictEqual(deployed, stack.template);
  }
  refused.push(...recordsTaken(pairs));
  // Fails before anybody is asked to approve a change that cannot be deployed.
  refuse(refused);
  const summary = changeSummary(changes, left, imagesOfOthers(stacks.map(({ template }) => template)));
  await writeFile('change-summary.txt', summary);
  await writeFile('changes.txt', same ? 'none' : 'some');
  if (left.length > 0) console.log(`\nNo longer delivered, and not deleted:\n  ${left.join('\n  ')}`);
  console.log(`\n${summary}`);
}

runProgram(summarizeChanges);
