import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { drawnPicture, picture, roomsOf, roomsWithRow } from './architecture.ts';

test('the picture of the architecture is the code (after a change of imports: node test/architecture.ts)', () => {
  expect(drawnPicture()).toBe(picture());
});

test('each room of the picture has its row in the table: what it is for', () => {
  const rooms = roomsOf(picture());
  expect(rooms).toContain('services/web');
  const without = (rows: readonly string[]) => rooms.filter((room) => !rows.includes(room));
  expect(without(roomsWithRow()), 'write a row for each of these into docs/architecture.md').toEqual([]);
  // What has a row and is not in the picture imports from anywhere.
  expect(roomsWithRow().filter((room) => !rooms.includes(room))).toEqual(['local', 'test']);
  const table = readFileSync('docs/architecture.md', 'utf8');
  const shorter = table.replace(/^\| `services\/worker` .*\n/m, '');
  expect(without(roomsWithRow(shorter))).toEqual(['services/worker']);
});

const folder = 'docs/decisions';
const decisions = readdirSync(folder).filter((name) => name !== 'README.md');
const index = readFileSync(`${folder}/README.md`, 'utf8');

test.each(decisions)('decision %s has the form of all, and its line in the index', (name) => {
  const text = readFileSync(`${folder}/${name}`, 'utf8');
  const [, number, title] = /^# (\d{3}): (.+)\n/.exec(text) ?? [];
  expect(number, 'it begins with "# NNN: What was chosen", the number of its file').toBe(name.slice(0, 3));
  for (const part of ['Context', 'Choice']) {
    expect(text.includes(`\n**${part}.**`), `it needs a paragraph "**${part}.** …"`).toBe(true);
  }
  const line = `- [${number}: ${title}](${name})`;
  expect(index.includes(line), `${folder}/README.md needs the line "${line}"`).toBe(true);
});

test('the index of decisions has no line too many, and each number is of a part', () => {
  const lines = [...index.matchAll(/^- \[(\d{3}): .*\((.*)\)$/gm)];
  expect(lines.map(([, , name]) => name).sort()).toEqual([...decisions].sort());
  for (const [, number = ''] of lines) expect(index).toContain(`## ${number.slice(0, 2)}0 to `);
});
