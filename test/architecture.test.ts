import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { drawnPicture, picture } from './architecture.ts';

test('the picture of the architecture is the code (after a change of imports: node test/architecture.ts)', () => {
  expect(drawnPicture()).toBe(picture());
});

const folder = 'docs/decisions';
const decisions = readdirSync(folder).filter((name) => name !== 'README.md');
const index = readFileSync(`${folder}/README.md`, 'utf8');

test.each(decisions)('decision %s has the form of all, and its line in the index', (name) => {
  const [heading = ''] = readFileSync(`${folder}/${name}`, 'utf8').split('\n');
  const [, number, title] = /^# (\d{3}): (.+)$/.exec(heading) ?? [];
  expect(name.slice(0, 3)).toBe(number);
  expect(index).toContain(`- [${number}: ${title}](${name})`);
});

test('the index of decisions has no line too many, and each number is of a part', () => {
  const lines = [...index.matchAll(/^- \[(\d{3}): .*\((.*)\)$/gm)];
  expect(lines.map(([, , name]) => name).sort()).toEqual([...decisions].sort());
  for (const [, number = ''] of lines) expect(index).toContain(`## ${number.slice(0, 2)}0 to `);
});
