import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { configurationOf } from '../../src/configuration/configuration.ts';
import { loadSections } from '../../src/configuration/load-configuration.ts';
import type { Section } from '../../src/configuration/parse-krb5-conf.ts';
import { KerberosError } from '../../src/errors/kerberos-error.ts';
import { type MitLibrary, startMitLibrary } from './mit-library.ts';

/** The result of reading configuration files; null if a reader refuses them. */
interface Reading {
  readonly values: string[][];
  readonly encryptionTypes: number[];
  readonly realms: string[];
}

const names = [
  ['libdefaults', 'default_realm'],
  ['libdefaults', 'permitted_enctypes'],
  ['libdefaults', 'kdc'],
  ['realms', 'A', 'kdc'],
  ['realms', 'A', 'A', 'kdc'],
  ['domain_realm', 'example.com'],
];
const hosts = ['example.com', 'a.example.com', 'a.b.example.com', 'com', 'b.com', 'A.Example.COM', 'net'];

let folder: string;
let library: MitLibrary;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'as-mit-'));
  await mkdir(join(folder, 'conf.d'));
  library = startMitLibrary();
});
afterAll(async () => {
  library.stop();
  await rm(folder, { recursive: true });
});

const sections = ['[libdefaults]', '[realms]', '[domain_realm]'];
const relations = [
  ...[
    'default_realm = A',
    '\tdefault_realm=B\t',
    'default_realm* = C',
    'default_realm = "D" x',
    'default_realm = ',
  ],
  ...[
    'default_realm = E # note',
    'default_realm = F\r',
    'default_realm = "\\t\\q\\"G"',
    'default_realm = "H',
  ],
  ...['permitted_enctypes = DEFAULT -aes aes128-cts', 'permitted_enctypes = -aes256-cts,AES +aes256-sha2'],
  ...[
    'permitted_enctypes = aes128-sha2 rc4 nope aes256-cts-hmac-sha1-96',
    'permitted_enctypes = DEFAULT -aes256-sha1',
  ],
  ...[
    'kdc = one',
    'kdc = two',
    'kdc* = three',
    'kdc*x = four',
    '*kdc = five',
    'kdc == six',
    'kdc = a\rb',
    'KDC = up',
  ],
  ...['.example.com = A', 'example.com = B', 'COM = C', '.com = D', 'com = E', 'kdc = \u00a0', 'kdc = ""'],
];
const oddities = [
  ...[
    '[libdefaults]*',
    '[realms]*',
    '[ realms ]',
    '[realms]\t',
    '[realms] # note',
    '[]',
    '[realms',
    ' [realms]',
  ],
  ...[
    'A = {',
    'A={',
    'A =',
    'A* = {',
    'A = { # note',
    'A = { kdc = x }',
    'A = {}',
    '{',
    '}',
    '}*',
    ' } # note',
    '= x',
  ],
  ...[
    '# note',
    '; note',
    ' # note',
    '\v',
    '',
    'kdc',
    'a b = c',
    'x y',
    '\u00a0',
    '  include INCLUDED',
    'includes x',
  ],
  ...['include INCLUDED', 'include  INCLUDED ', 'includedir\tDIRECTORY', 'include MISSING'],
];
const relation = fc.constantFrom(...relations);
const tidy = fc
  .array(
    fc.tuple(
      fc.constantFrom(...sections),
      fc.array(relation, { maxLength: 3 }),
      fc.array(relation, { maxLength: 2 }),
    ),
    { maxLength: 4 },
  )
  .map((parts) =>
    parts.flatMap(([section, own, inside]) => [
      section,
      ...own,
      ...(inside.length ? ['A = {', ...inside, '}'] : []),
    ]),
  );
const untidy = fc.array(fc.constantFrom(...sections, ...relations, ...oddities), { maxLength: 8 });
const spoiled = fc
  .tuple(tidy, fc.constantFrom(...oddities), fc.nat())
  .map(([lines, oddity, at]) => lines.toSpliced(at % (lines.length + 1), 0, oddity));
const file = fc
  .tuple(fc.oneof(tidy, spoiled, untidy), fc.constantFrom('', '\n'))
  .map(([lines, end]) => lines.join('\n') + end);

/** MIT's library reads the same files in the same order and is asked for the same values. */
test('files and their includes are read as MIT Kerberos reads them, or both refuse them', async () => {
  let read = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(file, { minLength: 1, maxLength: 2 }),
      file,
      file,
      async (texts, included, inDirectory) => {
        const placed = (text: string) =>
          text
            .replaceAll('INCLUDED', join(folder, 'included'))
            .replaceAll('DIRECTORY', join(folder, 'conf.d'))
            .replaceAll('MISSING', join(folder, 'missing'));
        const alone = (text: string) => text.replaceAll(/include/g, 'exclude');
        await writeFile(join(folder, 'included'), alone(included));
        await writeFile(join(folder, 'conf.d', 'one'), alone(inDirectory));
        const paths = texts.map((_, index) => join(folder, `file-${index}`));
        for (const [index, text] of texts.entries()) await writeFile(paths[index] as string, placed(text));
        const mit = await library.ask<Reading>({ paths, values: names, hosts });
        if (mit) read += 1;
        const ours = (type: number) => type >= 17 && type <= 20;
        expect(await ourReading(paths)).toEqual(
          mit && { ...mit, encryptionTypes: mit.encryptionTypes.filter(ours) },
        );
      },
    ),
    { numRuns: 600 },
  );
  // Most generated files are invalid; enough of them must be valid.
  expect(read).toBeGreaterThan(100);
});

async function ourReading(paths: readonly string[]): Promise<Reading | null> {
  try {
    const root = await loadSections({ KRB5_CONFIG: paths.join(':') });
    const configuration = configurationOf(root);
    return {
      values: names.map((path) => valuesAt(root, path)),
      encryptionTypes: [...configuration.encryptionTypes],
      realms: hosts.map((host) => configuration.realmOfHost(host) ?? ''),
    };
  } catch (error) {
    if (error instanceof KerberosError) return null;
    throw error;
  }
}

function valuesAt(root: Section, path: readonly string[]): string[] {
  const [name = '', ...deeper] = path;
  const found = root[name] ?? [];
  if (deeper.length === 0) return found.filter((value) => typeof value === 'string');
  return found.flatMap((value) => (typeof value === 'string' ? [] : valuesAt(value, deeper)));
}

test('a numeric name belongs to the same realm as in MIT Kerberos, an address to none', async () => {
  const addresses = [
    '10.1.2.3',
    '10.1.2.3.',
    '010.1.2.3',
    '300.1.2.3',
    'fe80::1',
    '::ffff:10.1.2.3',
    '1.2.3.4:5',
  ];
  const others = ['1', '1.1', '1.2.3', 'a.1.2.3', '0x0a.1.2.3', '1.2.3.4.5', '1.2.3.4.5.'];
  const lines = [...addresses, '3', '2.3', '1.2.3', '1', '5', '.4.5'].map((name) => `${name} = REALM`);
  const path = join(folder, 'numbers');
  await writeFile(path, ['[domain_realm]', ...lines, ''].join('\n'));
  const asked = [...addresses, ...others];
  const { realms } = (await library.ask<Reading>({ paths: [path], values: [], hosts: asked })) as Reading;
  const configuration = configurationOf(await loadSections({ KRB5_CONFIG: path }));
  expect(asked.map((host) => configuration.realmOfHost(host) ?? '')).toEqual(realms);
  expect(new Set(realms.slice(0, addresses.length))).toEqual(new Set(['']));
  expect(new Set(realms.slice(addresses.length))).toEqual(new Set(['REALM']));
});
