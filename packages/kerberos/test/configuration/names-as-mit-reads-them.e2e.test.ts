import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { configurationFrom } from '../../src/configuration/load-configuration.ts';
import { KerberosError } from '../../src/errors/kerberos-error.ts';
import { formatPrincipal, parsePrincipal } from '../../src/principal.ts';
import { type MitLibrary, startMitLibrary } from './mit-library.ts';

let folder: string;
let library: MitLibrary;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'names-'));
  library = startMitLibrary();
});
afterAll(async () => {
  library.stop();
  await rm(folder, { recursive: true });
});

/** Returns null if `read` throws a named error. */
function unlessRefused<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof KerberosError) return null;
    throw error;
  }
}

const text = (...pieces: readonly string[]) =>
  fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((words) => words.join(''));

interface Name {
  readonly realm: string;
  readonly parts: readonly string[];
  readonly written: string;
}

test('principals are read and written as by MIT Kerberos, except that each part and the realm are required', async () => {
  const paths = [join(folder, 'default-realm')];
  await writeFile(paths[0] as string, '[libdefaults]\ndefault_realm = DEFAULT\n');
  const names = fc.oneof(
    text('a', 'Bc', '/', '@', '\\', 'n', 't', 'b', '0', ':1433', '.', ' ', '#', '\n', '\t', '\b', 'ü', '😀'),
    fc.string({ unit: 'binary' }).filter((one) => !one.includes('\0') && one.isWellFormed()),
  );
  let read = 0;
  await fc.assert(
    fc.asyncProperty(names, async (name) => {
      const theirs = await library.ask<Name>({ paths, principal: name });
      const whole = theirs && ![...theirs.parts, theirs.realm].includes('') ? theirs : null;
      const ours = unlessRefused((): Name => {
        const principal = parsePrincipal(name, 'DEFAULT');
        return {
          realm: principal.realm.toString('hex'),
          parts: principal.name.parts.map((part) => part.toString('hex')),
          written: Buffer.from(formatPrincipal(principal)).toString('hex'),
        };
      });
      if (ours) read += 1;
      expect(ours).toEqual(whole);
    }),
    { numRuns: 1000 },
  );
  expect(read).toBeGreaterThan(200);
});

const places = fc.oneof(
  fc
    .constantFrom('', 'https://', 'kkdcp://', 'http://', 'HTTPS://', '[')
    .chain((before) =>
      fc
        .tuple(
          fc.constantFrom(
            'dc1',
            'dc1.example.com.',
            '10.0.0.1',
            '[2001:db8::1]',
            '2001:db8::1',
            '::1',
            '[]',
            '88',
            '',
          ),
          fc.constantFrom(
            '',
            ':88',
            ':0',
            ':65535',
            ':65536',
            ':',
            ':+8',
            ':-1',
            ':-0',
            ': 8',
            ':8 ',
            ':x',
            ' :8',
            ' x',
            'x',
          ),
          fc.constantFrom('', '/', '/KdcProxy', '/a/b:1', ' # note', '\t', ']'),
        )
        .map((parts) => before + parts.join('')),
    ),
  fc.constantFrom('dc1', 'https://proxy:8443/KdcProxy', '[::1]:8888', '10.0.0.1:88'),
  text('dc1', '[', ']', ':', '8', '.', '/', ' ', 'https://', '::1', '+'),
);

interface Place {
  readonly host: string;
  readonly port: number;
  readonly proxy: boolean;
}

test('KDC addresses are read as by MIT Kerberos, except that a host is required', async () => {
  const path = join(folder, 'kdcs');
  let read = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(places, { minLength: 1, maxLength: 2 }), async (values) => {
      const lines = values.map((value) => `  kdc = "${value}"\n`).join('');
      const conf = `[libdefaults]\ndns_lookup_kdc = false\n[realms]\nA = {\n${lines}}\n`;
      await writeFile(path, conf);
      const theirs = await library.ask<Place[]>({ paths: [path], serversOf: 'A' });
      const ours = unlessRefused(() => configurationFrom(conf).kdcs('A'));
      if (ours) read += 1;
      expect(
        ours?.map(({ host, port, unsupported }) => ({ host, port, proxy: Boolean(unsupported) })) ?? null,
      ).toEqual(theirs?.every(({ host }) => host !== '') ? theirs : null);
    }),
    { numRuns: 1000 },
  );
  expect(read).toBeGreaterThan(200);
});
