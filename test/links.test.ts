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

/** The anchors of a page's headings, as GitHub creates them. */
function anchorsOf(page: string): string[] {
  return [...readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

/** Broken references of a page: to files, headings and npm scripts. */
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

/** Words that pages quote but that are in no file: names of third parties, and placeholders. */
const ofOthers = [
  'Replacement',
  'describe-images',
  'get-connection',
  'join.json',
  'lib/**/*.test.ts',
  'localhost:33389',
  'sys.dm_exec_query_stats',
  'xp_logininfo',
  '/aws/rds/instance/*/error',
];
/** Pages that people use to find their way and to change things. Others describe a past state or other projects. */
const guides = pages.filter((page) =>
  /^((?!CHANGELOG)[A-Z]+\.md|docs\/(?!upstream)[\w-]+\.md|local\/|test\/|packages\/contracts\/)/.test(page),
);
const code = tracked
  .filter((path) => !path.endsWith('.md') && path !== 'package-lock.json' && path !== 'test/links.test.ts')
  .filter((path) => /\.(ts|mts|mjs|json|ya?ml|sh|sql|py|css)$|Dockerfile$/.test(path))
  .map((path) => readFileSync(path, 'utf8'))
  .concat(
    tracked,
    [...places].map((path) => `${path}/`),
  )
  .join('\n');
const words = new Set(code.match(/[\w-]+/g));

/** Quoted names, paths, options and events that are in no file. */
function unknownNames(text: string): string[] {
  const quoted = [...text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/`([\w.$@/:#*-]+)(?:\(\))?`/g)];
  const options = [...text.matchAll(/npm (?:start|run [\w:]+)(?: -- | )(.*)/g)].flatMap(([, line = '']) =>
    [...line.matchAll(/(?<=^|\s)--[a-z-]+/g)].map(([option]) => ['', option]),
  );
  return [...quoted, ...options].flatMap(([, name = '']) => {
    const isWhole = name.split(/[^\w-]+/).every((word) => word === '' || words.has(word));
    // Names of deployed resources belong to the example: test/infrastructure/documents.test.ts.
    return name.includes('windows-auth') || (isWhole && code.includes(name)) || ofOthers.includes(name)
      ? []
      : [name];
  });
}

test.each(guides)('%s quotes existing names, paths, options and events', (page) => {
  expect(unknownNames(readFileSync(page, 'utf8'))).toEqual([]);
});

test('an unknown name is found', () => {
  const wrong = ['ticket.renew-failed', 'test/pipeline/iam/unused-right.ts', 'earlierAlarm'];
  expect(unknownNames(wrong.map((name) => `\`${name}\``).join(' '))).toEqual(wrong);
  expect(
    unknownNames('`ticket.renewal-failed` `RunbookAlarm` `npm run release -- test --service x`'),
  ).toEqual([]);
  expect(unknownNames('npm start -- --one')).toEqual(['--one']);
  // Each exception is still in use.
  const quoted = guides.map((page) => readFileSync(page, 'utf8')).join('\n');
  expect(ofOthers.filter((name) => !quoted.includes(`\`${name}\``))).toEqual([]);
});

test('a broken link is found', () => {
  expect(deadEnds('docs/deploy.md', '[a](operate.md#no-ticket) [b](../lib) [c](https://x.example)')).toEqual(
    [],
  );
  const wrong = ['](nowhere.md)', '](operate.md#no-tickets)', '](#nowhere)', 'npm run nothing'];
  expect(deadEnds('docs/deploy.md', wrong.join(' '))).toEqual(wrong);
});
