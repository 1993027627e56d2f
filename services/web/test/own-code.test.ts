import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '@packages/service/bundle';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder: string;
/** The source files of the bundle, from the repository's root. */
let sources: readonly string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'own-code-'));
  sources = await bundle(join(import.meta.dirname, '..'), folder);
});
afterAll(() => rm(folder, { recursive: true }));

const isOurs = (source: string) => !source.includes('node_modules/');

test('our code in the web service imports no module that starts processes', async () => {
  const ours = sources.filter(isOurs);
  expect(ours).toEqual(
    expect.arrayContaining(['services/web/src/app.ts', 'packages/service/src/database.ts']),
  );
  const starting: string[] = [];
  for (const source of ours) {
    const text = await readFile(join(import.meta.dirname, '../../..', source), 'utf8');
    if (/['"`](?:(?:node:)?(?:child_process|cluster)|execa)['"`]/.test(text)) starting.push(source);
  }
  expect(starting).toEqual([]);
});

test('the web service contains no AWS SDK', () => {
  expect(sources.filter((source) => /node_modules\/(?:@aws-sdk|@smithy|aws-sdk)\//.test(source))).toEqual([]);
});
