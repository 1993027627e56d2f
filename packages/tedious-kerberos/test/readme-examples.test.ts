import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accept } from '../../../local/testing/scripted-authenticator.ts';
import {
  answerRequest,
  type ScriptedServer,
  startScriptedServer,
} from '../../../local/testing/tds-server/scripted-server.ts';
import { kerberosDefaults, kerberosOptionNames } from '../src/kerberos/kerberos-authenticator.ts';
import { poolSettings } from '../src/pool/pool-options.ts';

const run = promisify(execFile);
const here = (path: string) => new URL(path, import.meta.url).href;
const quoted = (path: string) => JSON.stringify(here(path));
const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code as string);

let project: string;
let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer({
    login: accept,
    // Resets a connection that is no longer used.
    request(client, message) {
      answerRequest(client, message);
      client.socket.setTimeout(2000, () => client.socket.resetAndDestroy());
    },
  });
  project = await mkdtemp(join(tmpdir(), 'readme-'));
  const folder = join(project, 'node_modules', 'tedious-kerberos');
  await mkdir(folder, { recursive: true });
  await writeFile(join(project, 'package.json'), '{"type": "module"}');
  await writeFile(join(project, 'rds-ca-bundle.pem'), '');
  await writeFile(
    join(folder, 'package.json'),
    '{"type": "module", "exports": {".": "./index.js", "./tedious": "./tedious.js"}}',
  );
  // The real package, except that every server is replaced by the one of this test.
  const elsewhere = `{ server: '127.0.0.1', authenticator: scriptedAuthenticator(), options: { port: ${server.port}, encrypt: false } }`;
  const library = `import * as real from ${quoted('../src/index.ts')};
import { scriptedAuthenticator } from ${quoted('../../../local/testing/scripted-authenticator.ts')};
export * from ${quoted('../src/index.ts')};
const here = () => (${elsewhere});
export const connect = (_, options) => real.connect(here(), options);
export const createPool = (settings) => real.createPool({ ...settings, connection: here() });
export class Connection extends real.Connection { constructor() { super(here()); } }
`;
  await writeFile(join(folder, 'index.js'), library);
  await writeFile(join(folder, 'tedious.js'), library);
});
afterAll(async () => {
  await server.stop();
  await rm(project, { recursive: true });
});

/** Runs the example as a program until it has no connection left; returns its exit code and stderr. */
async function outcomeOf(example: string) {
  const file = join(project, 'example.ts');
  await writeFile(file, example);
  const ended = run(process.execPath, ['--disable-warning=ExperimentalWarning', file], { cwd: project });
  return await ended.then(
    ({ stderr }) => ({ code: 0, stderr }),
    ({ stderr, code }: { stderr: string; code: number }) => ({ code, stderr }),
  );
}

test('each code block is an example that this test runs, or a command', () => {
  const blocks = [...readme.matchAll(/^```(\w*)\n(.*?)^```$/gms)];
  expect(blocks.filter(([, language]) => language === 'ts')).toHaveLength(examples.length);
  const commands = blocks.filter(([, language]) => language !== 'ts');
  expect(commands.map(([, language, text]) => [language, text?.split(' ', 2).join(' ')])).toEqual([
    ['sh', 'npm install'],
    ['sh', 'npx tedious-kerberos'],
  ]);
});

test('the doctor has the options that the README uses', async () => {
  const command = readme.match(/^npx tedious-kerberos.*?^```$/ms)?.[0] ?? '';
  const { stdout } = await run(process.execPath, [fileURLToPath(here('../src/command-line.ts')), '--help']);
  const known = stdout.match(/--[a-z-]+/g);
  expect(command.match(/--[a-z-]+/g)?.filter((option) => !known?.includes(option))).toEqual([]);
});

test('the pool has the defaults that the README gives', () => {
  const table = readme.match(/^\| `PoolConfig` .*?\n\n/ms)?.[0] ?? '';
  const told = [...table.matchAll(/^\| (`[^|]+?) +\| (\d[\d, ]*|true|unlimited) +\|/gm)].flatMap(
    ([, names = '', values = '']) => {
      const defaults = values
        .trim()
        .split(', ')
        .map((value) => (value === 'unlimited' ? Infinity : JSON.parse(value)));
      return [...names.matchAll(/`(\w+)`/g)].map(([, name], at) => [name, defaults[at]]);
    },
  );
  const { connection: _, ...settings } = poolSettings({ connection: { server: 'db' } });
  expect(Object.fromEntries(told)).toEqual(settings);
});

/** The defaults of kerberos() that a text gives: true and false as values, others as text. */
function kerberosDefaultsIn(text: string): Record<string, unknown> {
  const [, table = ''] = /^\| `kerberos\(options\)` .*\n\| -.*\n((?:\|.*\n)*)/m.exec(text) ?? [];
  const rows = [...table.matchAll(/^\| `(\w+)` +\| .*?Default: (`[^`]+`|[\w ]+)/gm)];
  expect(rows).toHaveLength(table.split('\n').length - 1);
  return Object.fromEntries(
    rows.map(([, name = '', told = '']) => [name, /^(true|false)$/.test(told) ? JSON.parse(told) : told]),
  );
}

test('kerberos() has the defaults that the README gives', () => {
  const target = { host: '<host>', port: '<port>' as unknown as number };
  const { spn, ...others } = kerberosDefaults;
  const expected = {
    ...others,
    spn: `\`${spn({ ...target, host: 'host.example' }).replace('host.example', '<host>')}\``,
    // If omitted, both come from the process.
    ccache: 'the cache of the process',
    principal: 'the principal of the cache',
  };
  expect([others.ccache, others.principal]).toEqual([undefined, undefined]);
  expect(kerberosDefaultsIn(readme)).toEqual(expected);
  expect(Object.keys(expected).sort()).toEqual([...kerberosOptionNames].sort());
  for (const [right, wrong] of [
    ['as Extended Protection requires. Default: true', 'as Extended Protection requires. Default: false'],
    ['(KCM, KEYRING). Default: false', '(KCM, KEYRING). Default: true'],
    ['Default: `MSSQLSvc/<host>:<port>`', 'Default: `MSSQLSvc/<host>`'],
  ] as const) {
    const changed = readme.replace(right, wrong);
    expect(changed).not.toBe(readme);
    expect(kerberosDefaultsIn(changed), wrong).not.toEqual(expected);
  }
});

test('there is an example of each function that connects', () => {
  const using = examples.map((code) => /(connect|createPool|Connection)\(/.exec(code)?.[1]);
  expect(using).toEqual(['connect', 'createPool', 'connect', 'createPool', 'Connection']);
});

test.each(examples.map((code, index) => [index + 1, code] as const))(
  'example %i of the README survives the reset of an idle connection',
  async (_, code) => {
    const kept = code.replace(/^ *(connection\.close\(\)|await pool\.drain\(.*\));.*$/gm, '');
    for (const program of [code, ...(/^try/m.test(code) ? [] : [kept])]) {
      expect(await outcomeOf(program)).toMatchObject({ code: 0 });
    }
  },
);

test('an example without an error listener does not survive it', async () => {
  const [first = ''] = examples;
  const deaf = first.replace(/^connection\.(on\('error'|close).*$/gm, '');
  expect(await outcomeOf(deaf)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/ECONNRESET|Unhandled 'error' event/),
  });
});
