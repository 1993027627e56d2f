import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exampleInput, sentencesAbout } from '../../test/infrastructure/example-deployment.ts';
import { readCdkContext } from './cdk-json.ts';

/** The messages about the example with some of its keys changed. */
function said(changes: object): string[] {
  return sentencesAbout({ ...structuredClone(exampleInput), ...changes });
}

/** Characters that a terminal interprets, that are invisible, or that look like a space. */
const unseen = [
  '\u001b[2J',
  '\u009b2J',
  '\u007f',
  '\n',
  '\u2028',
  '\u202e',
  '\u200b',
  '\u00a0',
  '\ufeff',
  '\ud83d',
];
const plain = /^[^\p{C}\p{Zl}\p{Zp}\u00a0]*$/u;

describe.each(unseen.map((text) => [JSON.stringify(text), text]))(
  '%s is shown as an escape sequence',
  (_, text) => {
    test.each<[string, object]>([
      ['in a value', { name: `windows${text}auth` }],
      ['in the name of an unknown key', { [`key${text}`]: 1 }],
      ['in the name of a key whose value is wrong', { tags: { [`team${text}`]: 5 } }],
      ['in the name of a service', { services: { [`worker${text}`]: { kind: 'worker' } } }],
      ['in a list', { environments: [text] }],
    ])('%s', (_place, changes) => {
      const sentences = said(changes);
      expect(sentences).toHaveLength(1);
      expect(sentences[0]).toMatch(plain);
      expect(sentences[0]).toMatch(/\\u|\\n/);
    });
  },
);

describe('a duplicate key', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sentences-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('is named in visible characters', () => {
    const file = join(folder, 'cdk.json');
    writeFileSync(file, '{"\\u001b[2J": 1, "\\u001b[2J": 2}');
    expect(() => readCdkContext(file)).toThrow(
      'cdk.json, line 1, column 18: the key "\\u001b[2J" is a duplicate.',
    );
  });
});

test('long names and values are truncated, but not within a character', () => {
  const [sentence = '', ...others] = said({ tags: { ['k'.repeat(5000)]: 5 }, name: `x${'😀'.repeat(500)}` });
  expect([sentence, ...others].map(({ length }) => length < 300)).toEqual([true, true]);
  expect(`${sentence}${others}`).not.toMatch(/\\ud83d/);
});

test('of many values with the same problem, only some are named, so that other problems remain visible', () => {
  const tags = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`tag${index}`, '']));
  const sentences = said({ tags, name: 'X' });
  expect(sentences).toHaveLength(7);
  expect(sentences).toContain(
    'deployment.tags has 55 more of this kind: each must be 1 to 256 letters, digits, spaces and _ . : / = + - @.',
  );
  expect(sentences.join('\n')).toContain('deployment.name is "X"');
});

test('a problem of a service is reported once, even if environments override other keys', () => {
  const services = { job: { kind: 'job', schedule: 'rate(1 hour)', timeZone: 'EUROPE/BERLIN' } };
  const environments = exampleInput.environments.map((one) => ({
    ...one,
    services: { job: { retries: 1 } },
  }));
  expect(said({ services, environments })).toEqual([
    'deployment.services.job.timeZone is "EUROPE/BERLIN": it must be the name of a time zone, such as "Europe/Berlin".',
  ]);
  const own = exampleInput.environments.map((one) => ({ ...one, services: { job: { timeZone: 'Mars' } } }));
  expect(said({ services, environments: own })).toHaveLength(1 + own.length);
});

test.each<[string, object, RegExp]>([
  ['a user', { domain: { ...exampleInput.domain, user: '1user' } }, /, a letter first, no dot last\.$/],
  [
    'a database',
    { environments: [{ ...exampleInput.environments[0], database: { name: 'x'.repeat(64) } }] },
    / 1 to 63 letters, /,
  ],
  ['a role', { services: { worker: { kind: 'worker', roles: ['x'.repeat(129)] } } }, / 1 to 128 letters, /],
  [
    'a variable',
    { services: { worker: { kind: 'worker', variables: { ['X'.repeat(65)]: '' } } } },
    / 1 to 64 capitals, .*, a capital first\.$/,
  ],
])('the sentence about %s names all requirements', (_, changes, form) => {
  expect(said(changes)).toEqual([expect.stringMatching(form)]);
});
