import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { App, CfnWaitConditionHandle, Stack } from 'aws-cdk-lib';
import { afterAll, expect, test } from 'vitest';
import { assertCdkApp, readCdkContext } from '../../lib/config/cdk-json.ts';

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
  ['{\n// why\n"a": 1}', 2, 1, 'JSON does not allow comments'],
  ["{'a': 1}", 1, 2, 'this is not a JSON value: text needs double quotes'],
  ['{"a": "x\n"}', 1, 7, 'the text has no closing quote on its line'],
  ['{"a": {"b": 1}', 1, 15, 'a closing brace } is missing'],
  ['{"a": {"b": 1,\n"c": 2, "b": 3}}', 2, 9, 'the key "b" is a duplicate'],
  ['{"context": {},\n"context": {}}', 2, 1, 'the key "context" is a duplicate'],
  ['{"context": {\n"__proto__": {"a": 1}}}', 2, 1, 'no key may be named "__proto__"'],
  ['{"context": {\n"\\u005f_proto__": 1}}', 2, 1, 'no key may be named "__proto__"'],
  ['[1]', 1, 1, 'it must be an object, { "app": …, "context": { … } }'],
  ['\n"cdk"', 2, 1, 'it must be an object, { "app": …, "context": { … } }'],
  ['null', 1, 1, 'it must be an object, { "app": …, "context": { … } }'],
  ['{"app": "x",\n"context": [1]}', 2, 12, '"context" must be an object, { "deployment": … }'],
  ['{"context": "x"}', 1, 13, '"context" must be an object, { "deployment": … }'],
  ['{\u00a0"a": 1}', 1, 2, 'U+00A0 is not allowed in JSON outside of text'],
  ['{“a”: 1}', 1, 2, 'U+201C is not allowed in JSON outside of text'],
  ['{"a": \0}', 1, 7, 'U+0000 is not allowed in JSON outside of text'],
  ['{"a": NaN}', 1, 7, 'this is not a JSON value: text needs double quotes'],
  ['{"a": 1.}', 1, 7, 'the number ends too early'],
  [
    '{"a": "\\x"}',
    1,
    7,
    'the text has an escape sequence that JSON does not know; a backslash itself is \\\\',
  ],
  ['{"a": "\\u12"}', 1, 7, 'the text has \\u without four hexadecimal digits'],
  ['{"a": "\t"}', 1, 7, 'the text has a tab or another control character: a tab is \\t'],
  [
    '{"account": 012345678901}',
    1,
    14,
    'a number must not begin with 0; text, such as the number of an account, needs double quotes',
  ],
  ['{}{}', 1, 3, 'the file should have ended before this'],
  ['{"a": 1 /* why */}', 1, 9, 'JSON does not allow comments'],
  ['{\n<<<<<<< HEAD\n"a": 1}', 2, 1, 'this is left over from a merge'],
  ['['.repeat(20_000), 1, 101, 'more than 100 braces and brackets are open here'],
] as const)('%j is reported with line and column', (text, line, column, fault) => {
  writeFileSync(file, text);
  expect(() => readCdkContext(file)).toThrow(`cdk.json, line ${line}, column ${column}: ${fault}.`);
});

test.each([
  ['\ufeff{}', 'utf16le', 'line 1, column 1: the file is in UTF-16'],
  ['{}', 'utf16le', 'line 1, column 1: the file is in UTF-16'],
  ['{\n"a": "ü"}', 'latin1', 'line 2, column 7: this is not UTF-8'],
] as const)('%j in %s is reported as a wrong encoding', (text, encoding, fault) => {
  writeFileSync(file, text, encoding);
  expect(() => readCdkContext(file)).toThrow(`cdk.json, ${fault}`);
  if (encoding !== 'utf16le') return;
  writeFileSync(file, Buffer.from(text, encoding).swap16());
  expect(() => readCdkContext(file)).toThrow(`cdk.json, ${fault}`);
});

test.each(['', '  \n\t', '\uFEFF', '\0\0\0\0'])('%j is reported as empty', (text) => {
  writeFileSync(file, text);
  expect(() => readCdkContext(file)).toThrow(
    'cdk.json is empty: "git checkout cdk.json" brings back what was committed last.',
  );
});

test('a folder, pipe or device is reported immediately, without reading it', () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const path of [folder, pipe, '/dev/null']) {
    expect(() => readCdkContext(path)).toThrow('cdk.json is not a file, but a folder, a pipe or a device.');
  }
});

test('a byte order mark is ignored; a missing file or context does not crash', () => {
  writeFileSync(file, '\uFEFF{"context": {"deployment": 1}}');
  expect(readCdkContext(file)).toEqual({ deployment: 1 });
  for (const text of ['{}', '{"app": "[[{"}', '{"context": null}']) {
    writeFileSync(file, text);
    expect(readCdkContext(file)).toEqual({});
  }
  expect(() => readCdkContext(join(folder, 'nowhere.json'))).toThrow('cdk.json cannot be read (ENOENT)');
});

/** Runs `npm run synth` in the folder. */
function synth() {
  const program = fileURLToPath(new URL('../synth.ts', import.meta.url));
  const cli = fileURLToPath(new URL('../../node_modules/.bin', import.meta.url));
  return spawnSync(process.execPath, [program], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${cli}:${process.env.PATH}` },
  });
}

test.each(['[1]', '{"a": 1,}'])(
  'npm run synth reports %s with the same message, and the CDK is not started',
  (text) => {
    writeFileSync(file, text);
    const { stdout, stderr, status } = synth();
    expect(stderr).toMatch(
      /^The configuration in cdk\.json is wrong\.\ncdk\.json, line 1, column \d+: .*\.\n$/,
    );
    expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
  },
);

test.each([
  'node bin/app.ts',
  'node  ./bin/app.ts --x',
  'node --max-old-space-size=8192 bin/app.ts',
  ['node', 'bin/app.ts'],
])('%j is accepted as the app of this project', (app) => {
  writeFileSync(file, JSON.stringify({ app }));
  expect(() => assertCdkApp(file)).not.toThrow();
});

// With `node`, which does nothing and succeeds, the CDK would use what an earlier synthesis left in cdk.out.
test.each([5, true, null, '', {}, [], 'node', 'true', 'node bin/none.ts', 'node mybin/app.ts', ['node', 5]])(
  '%j is refused as the app of this project',
  (app) => {
    writeFileSync(file, JSON.stringify({ app }));
    const told = `cdk.json, line 1, column 8: "app" is ${JSON.stringify(app)}: it must be "node bin/app.ts".`;
    expect(() => assertCdkApp(file)).toThrow(told);
  },
);

test('a missing app is reported, and terminal control characters in its value are escaped', () => {
  writeFileSync(file, '{"App": "node bin/app.ts"}');
  expect(() => assertCdkApp(file)).toThrow('cdk.json, line 1, column 1: "app" is missing: it must be');
  writeFileSync(file, JSON.stringify({ app: 'node\u009b2J' }));
  expect(() => assertCdkApp(file)).toThrow('"app" is "node\\u009b2J": it must be');
  expect(() => assertCdkApp(join(import.meta.dirname, '../../cdk.json'))).not.toThrow();
});

test.each(['echo bin/app.ts', 'node bin/app.ts || true'])(
  'npm run synth does not mistake an earlier assembly for that of %s',
  (app) => {
    const earlier = new App({ outdir: join(folder, 'cdk.out') });
    new CfnWaitConditionHandle(new Stack(earlier, 'earlier'), 'Handle');
    earlier.synth();
    writeFileSync(file, JSON.stringify({ app }));
    const { stdout, stderr, status } = synth();
    expect(stdout + stderr).toContain('Synthesis of all stacks: failed');
    expect(status).toBe(1);
  },
);
