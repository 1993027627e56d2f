import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { sourceFiles } from './source-files.ts';

const tracked = sourceFiles();
const pages = tracked.filter((path) => path.endsWith('.md'));
const places = new Set(['.', ...tracked, ...tracked.flatMap(foldersOf)]);
const scripts = manifests().flatMap((manifest) => Object.keys(manifest.scripts ?? {}));

function foldersOf(path: string): string[] {
  const folder = dirname(path);
  return folder === '.' ? [] : [folder, ...foldersOf(folder)];
}

function manifests(): { readonly scripts?: Readonly<Record<string, string>> }[] {
  const paths = tracked.filter((path) => /(^|\/)package\.json$/.test(path));
  return paths.map((path) => JSON.parse(readFileSync(path, 'utf8')));
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): string[] {
  return [...readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

/** Where a page leads to what is not there: files, headings, and scripts of npm. */
function deadEnds(page: string, text: string): string[] {
  const links = [...text.matchAll(/\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].filter(([, path, anchor]) => {
    const target = path ? normalize(join(dirname(page), path)).replace(/\/$/, '') : page;
    return !places.has(target) || (anchor && target.endsWith('.md') && !anchorsOf(target).includes(anchor));
  });
  const commands = [...text.matchAll(/npm run ([\w:-]+)/g)].filter(
    ([, name = '']) => !scripts.includes(name),
  );
  return [...links, ...commands].map(([found]) => found);
}

test.each(pages)('%s leads to files, headings and scripts that exist', (page) => {
  expect(deadEnds(page, readFileSync(page, 'utf8'))).toEqual([]);
});

test('a dead end is found', () => {
  expect(deadEnds('docs/deploy.md', '[a](operate.md#no-ticket) [b](../lib) [c](https://x.example)')).toEqual(
    [],
  );
  const wrong = ['](nowhere.md)', '](operate.md#no-tickets)', '](#nowhere)', 'npm run nothing'];
  expect(deadEnds('docs/deploy.md', wrong.join(' '))).toEqual(wrong);
});
