import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { drawnPicture, picture, roomsOf, roomsWithRow } from './architecture.ts';

test('the architecture diagram matches the code (after changing imports run: node test/architecture.ts)', () => {
  expect(drawnPicture()).toBe(picture());
});

test.each([
  "import { main } from '../../services/web/src/main.ts';",
  "import {\n  type App,\n  main,\n} from '../../services/web/src/main.ts';",
  "import type { App } from '../../services/web/src/app.ts';",
  "export * from '../../services/web/src/index.ts';",
  "export type { App } from '../../services/web/src/app.ts';",
  "import '../../services/web/src/main.ts';",
  "import '@services/web';",
  "await import('../../services/web/src/main.ts');",
  "await import(\n  '../../services/web/src/main.ts'\n);",
  "type App = typeof import('../../services/web/src/app.ts');",
  "createRequire(import.meta.url)('x').require('../../services/web/src/main.ts');",
  "createRequire(import.meta.url).resolve('@services/web/package.json');",
  "import.meta.resolve('@services/web');",
  "new URL('../../services/web/src/assets/page.css', import.meta.url);",
  "new URL('../../services/web', import.meta.url);",
  'new URL(`../../services/web/src/\u0024{name}.ts`, import.meta.url);',
])('the picture sees %s', (line) => {
  const arrow = '  lib_config --> services_web\n';
  expect(picture()).not.toContain(arrow);
  const says = (path: string) => (path === 'lib/config/fields.ts' ? `${line}\n` : readFileSync(path, 'utf8'));
  expect(picture(says)).toContain(arrow);
});

/** Arrows of a diagram that cross a wall described in the document. */
const throughWalls = (drawn: string): string[] => {
  const order = ['config', 'constructs', 'stacks', 'stages', 'delivery'].map((room) => `lib_${room}`);
  const onAwsAndConfigOnly = ['lib_programs', 'lib_operator'];
  return [...drawn.matchAll(/^ {2}(\w+) --> (\w+)$/gm)].flatMap(([arrow, from = '', to = '']) => {
    const refused =
      (/^(services|packages)_/.test(from) && /^lib_/.test(to)) ||
      (/^services_/.test(from) && /^services_/.test(to)) ||
      (order.includes(from) && order.indexOf(to) > order.indexOf(from)) ||
      (onAwsAndConfigOnly.includes(from) && /^lib_/.test(to) && !/^lib_(aws|config)$/.test(to));
    return refused ? [arrow.trim()] : [];
  });
};

test('no arrow crosses a wall, even where the linter sees no import', () => {
  expect(throughWalls(picture())).toEqual([]);
  const wrong = [
    'services_web --> lib_config',
    'packages_service --> lib_aws',
    'services_web --> services_worker',
    'lib_config --> lib_stacks',
    'lib_stages --> lib_delivery',
    'lib_operator --> lib_delivery',
    'lib_programs --> lib_operator',
  ];
  expect(throughWalls(wrong.map((arrow) => `  ${arrow}\n`).join(''))).toEqual(wrong);
});

test('each room of the diagram has a row in the table that explains it', () => {
  const rooms = roomsOf(picture());
  expect(rooms).toContain('services/web');
  const without = (rows: readonly string[]) => rooms.filter((room) => !rows.includes(room));
  expect(without(roomsWithRow()), 'write a row for each of these into docs/architecture.md').toEqual([]);
  // Rooms that have a row but are not in the diagram may import from anywhere.
  expect(roomsWithRow().filter((room) => !rooms.includes(room))).toEqual(['local', 'test']);
  const table = readFileSync('docs/architecture.md', 'utf8');
  const shorter = table.replace(/^\| `services\/worker` .*\n/m, '');
  expect(without(roomsWithRow(shorter))).toEqual(['services/worker']);
});

const folder = 'docs/decisions';
const decisions = readdirSync(folder).filter((name) => name !== 'README.md');
const index = readFileSync(`${folder}/README.md`, 'utf8');

test.each(decisions)('decision %s has the common form and a line in the index', (name) => {
  const text = readFileSync(`${folder}/${name}`, 'utf8');
  const [, number, title] = /^# (\d{3}): (.+)\n/.exec(text) ?? [];
  expect(number, 'it begins with "# NNN: What was chosen", the number of its file').toBe(name.slice(0, 3));
  for (const part of ['Context', 'Choice']) {
    expect(text.includes(`\n**${part}.**`), `it needs a paragraph "**${part}.** …"`).toBe(true);
  }
  const line = `- [${number}: ${title}](${name})`;
  expect(index.includes(line), `${folder}/README.md needs the line "${line}"`).toBe(true);
});

test('the index of decisions has no extra lines, and each number belongs to a section', () => {
  const lines = [...index.matchAll(/^- \[(\d{3}): .*\((.*)\)$/gm)];
  expect(lines.map(([, , name]) => name).sort()).toEqual([...decisions].sort());
  for (const [, number = ''] of lines) expect(index).toContain(`## ${number.slice(0, 2)}0 to `);
});
