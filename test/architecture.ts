// The diagram in docs/architecture.md, generated from the imports in the code. `node test/architecture.ts` writes it.
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { sourceFiles } from './source-files.ts';

const document = 'docs/architecture.md';
const block = /(?<=```mermaid\n)[\s\S]*?(?=```)/;

/** The diagram in the document. */
export const drawnPicture = (): string => block.exec(readFileSync(document, 'utf8'))?.[0] ?? '';

/** The rooms that have a row in a table of a text. */
export const roomsWithRow = (text = readFileSync(document, 'utf8')): string[] =>
  [...text.matchAll(/^\| (`[^|]+)\|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, room = '']) => room),
  );

/** The rooms in a diagram. */
export const roomsOf = (drawn: string): string[] =>
  [...drawn.matchAll(/^ {2}\w+\["([^"]+)"\]$/gm)].map(([, room = '']) => room);

/**
 * The diagram of the current code: the rooms, and which of them import which. Excludes tests and the rehearsal, which
 * import from anywhere.
 * @param textOf  returns the text of a file; tests use it to simulate other imports.
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

/** All module references in a text: imports (also of types or for side effects), `require`, and file URLs. */
function asksFor(text: string): string[] {
  const byName = /(?:\b(?:from|import|import\(|require\()|\.resolve\()\s*['"`]([^'"`$]+)/g;
  const byUrl = /\bnew URL\(\s*['"`]([^'"`$]+)(?:\$[^'"`]*)?['"`],\s*import\.meta\.url/g;
  return [
    ...[...text.matchAll(byName)].map(([, specifier = '']) => specifier),
    ...[...text.matchAll(byUrl)].map(([, path = '']) => (path.startsWith('.') ? path : `./${path}`)),
  ];
}

/** A folder as a path inside it, so that `services/web` is not taken for a file in `services`. */
function asFile(path: string): string {
  return extname(path) === '' ? `${path}/` : path;
}

/** `lib/config`, `services/web`, `bin`; files directly in `lib` belong to `bin`. */
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
