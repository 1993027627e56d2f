// The picture in docs/architecture.md, drawn from the imports of the code. `node test/architecture.ts` writes it.
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { sourceFiles } from './source-files.ts';

const document = 'docs/architecture.md';
const block = /(?<=```mermaid\n)[\s\S]*?(?=```)/;

/** The picture that the document has. */
export const drawnPicture = (): string => block.exec(readFileSync(document, 'utf8'))?.[0] ?? '';

/** The rooms that a text has a row of a table for. */
export const roomsWithRow = (text = readFileSync(document, 'utf8')): string[] =>
  [...text.matchAll(/^\| (`[^|]+)\|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, room = '']) => room),
  );

/** The rooms of a picture. */
export const roomsOf = (drawn: string): string[] =>
  [...drawn.matchAll(/^ {2}\w+\["([^"]+)"\]$/gm)].map(([, room = '']) => room);

/**
 * The picture of the code as it is: rooms, and which imports which. Tests and the rehearsal import from anywhere.
 * @param textOf  what a file says: here a test says what a room could come to import.
 */
export function picture(textOf = (path: string) => readFileSync(path, 'utf8')): string {
  const files = sourceFiles().filter(
    (path) => /^(bin|lib|services|packages)\/.*\.ts$/.test(path) && existsSync(path),
  );
  const packages = packageFolders();
  const arrows = new Set<string>();
  for (const path of files.filter(
    (path) => !/\.test\.ts$|\/test\/|\/build\.ts$|\/build-package\.ts$|\/scripts\//.test(path),
  )) {
    const room = roomOf(path);
    for (const specifier of asksFor(textOf(path))) {
      const target = specifier.startsWith('.')
        ? roomOf(asFile(join(dirname(path), specifier)))
        : packages.find(({ name }) => specifier === name || specifier.startsWith(`${name}/`))?.folder;
      if (room && target && room !== target) arrows.add(`  ${id(room)} --> ${id(target)}`);
    }
  }
  const rooms = new Set(files.flatMap((path) => roomOf(path) ?? []));
  const nodes = [...rooms].sort().map((room) => `  ${id(room)}["${room}"]`);
  return ['flowchart TD', ...nodes, ...[...arrows].sort(), ''].join('\n');
}

/** All ways in which a module asks for another: what it imports or loads, for types, for effects, or as a file. */
function asksFor(text: string): string[] {
  const byName = /(?:\b(?:from|import|import\(|require\()|\.resolve\()\s*['"`]([^'"`$]+)/g;
  const byUrl = /\bnew URL\(\s*['"`]([^'"`$]+)(?:\$[^'"`]*)?['"`],\s*import\.meta\.url/g;
  return [
    ...[...text.matchAll(byName)].map(([, specifier = '']) => specifier),
    ...[...text.matchAll(byUrl)].map(([, path = '']) => (path.startsWith('.') ? path : `./${path}`)),
  ];
}

/** A folder as what is in it: `services/web` is not a file that lies in `services`. */
function asFile(path: string): string {
  return extname(path) === '' ? `${path}/` : path;
}

/** `lib/config`, `services/web`, `bin`; files that lie directly in `lib` count as `bin`, which they are part of. */
function roomOf(path: string): string | undefined {
  const [top, room, ...rest] = path.split('/');
  if (top === 'bin' || (top === 'lib' && rest.length === 0)) return 'bin';
  return rest.length > 0 && ['lib', 'services', 'packages'].includes(top ?? '')
    ? `${top}/${room}`
    : undefined;
}

function packageFolders(): { name: string; folder: string }[] {
  const { workspaces } = JSON.parse(readFileSync('package.json', 'utf8')) as { workspaces: string[] };
  const folders = globSync(workspaces.map((pattern) => `${pattern}/package.json`)).map(dirname);
  return folders.map((folder) => ({
    name: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name,
    folder,
  }));
}

function id(room: string): string {
  return room.replaceAll(/\W/g, '_');
}

if (import.meta.main) {
  writeFileSync(document, readFileSync(document, 'utf8').replace(block, picture()));
}
