// `npm run bench`: runs all benches in this folder, or those named. With `-- --json`, prints one line per figure.
// The exit code is 1 if a figure misses its goal or a bench cannot measure.
import { readdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { watchOutput } from '../../lib/operator/output.ts';
import type { Bench, Figure } from './figure.ts';

// If the reader of our output goes away (`| head`), stop the running bench.
watchOutput(() => process.exit(1));

const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true });
const benches = await allBenches();
const unknown = positionals.filter((name) => !benches.some((bench) => bench.name === name));
if (unknown.length > 0) {
  console.error(
    `There is no bench ${unknown.join(', ')}; there are ${benches.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(1);
}

for (const bench of benches.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
  console.error(`— ${bench.name}`);
  try {
    for (const figure of await bench.run({ progress: (line) => console.error(`  ${line}`) })) print(figure);
  } catch (error) {
    console.error(`${bench.name} could not be measured: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}

async function allBenches(): Promise<Bench[]> {
  const files = (await readdir(import.meta.dirname)).filter((file) => /\.bench\.ts$/.test(file));
  const loaded = await Promise.all(files.sort().map((file) => import(`./${file}`)));
  return loaded.map((module) => module.default as Bench);
}

function print(figure: Figure): void {
  if (!figure.ok) process.exitCode = 1;
  if (values.json) {
    console.log(JSON.stringify(figure));
    return;
  }
  const { name, value, unit, goal, ok } = figure;
  const verdict = goal === '' ? '' : `  goal ${goal}: ${ok ? 'met' : 'MISSED'}`;
  console.log(`${name.padEnd(60)} ${String(value).padStart(10)} ${unit}${verdict}`);
}
