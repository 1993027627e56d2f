import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readCdkContext } from '../../lib/config/cdk-json.ts';

const folder = mkdtempSync(join(tmpdir(), 'cdk-json-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'cdk.json');

test.each([
  [
    '{\n  "context": {\n    "a": 1,\n  }\n}',
    4,
    3,
    'a key in double quotes is missing here; is there a comma after the last one',
  ],
  ['{\n  "context": [1,\n  ]\n}', 3, 3, 'a value is missing here; is there a comma after the last one'],
  ['{"a": 1 "b": 2}', 1, 9, 'a comma is missing before this'],
  ['{\r\n"a" 1}', 2, 5, 'a colon is missing here'],
  ['{\n// why\n"a": 1}', 2, 1, 'JSON knows no comments'],
  ["{'a': 1}", 1, 2, 'this is no value of JSON: text needs double quotes'],
  ['{"a": "x\n"}', 1, 7, 'the text has no closing quote on its line'],
  ['{"a": {"b": 1}', 1, 15, 'a closing brace } is missing'],
  ['', 1, 1, 'a value is missing here; is there a comma after the last one'],
] as const)('%j is told with its place', (text, line, column, fault) => {
  writeFileSync(file, text);
  expect(() => readCdkContext(file)).toThrow(`cdk.json, line ${line}, column ${column}: ${fault}.`);
});

test('a byte order mark is none of the content; a missing file and a missing context are no crash', () => {
  writeFileSync(file, '\uFEFF{"context": {"deployment": 1}}');
  expect(readCdkContext(file)).toEqual({ deployment: 1 });
  for (const text of ['{}', 'null', '[]', '{"context": null}']) {
    writeFileSync(file, text);
    expect(readCdkContext(file)).toEqual({});
  }
  expect(() => readCdkContext(join(folder, 'nowhere.json'))).toThrow('cdk.json cannot be read (ENOENT)');
});
