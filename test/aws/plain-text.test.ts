import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainText, printable, printableJson } from '../../lib/aws/plain-text.ts';

/** Characters that a terminal interprets instead of displaying. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these very characters are looked for
const obeyed = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
const ownColours = /\u001b\[(3[1-6]|39|90)m/g;

const hostile = [
  ['a title of the window', 'Fix \u001b]0;owned\u0007 it', 'Fix  it'],
  ['the clipboard', 'Fix \u001b]52;c;cm0gLXJm\u001b\\ it', 'Fix  it'],
  [
    'a cursor that goes up and takes a line away',
    'A\u001b[1A\u001b[2KNothing would change.',
    'ANothing would change.',
  ],
  ['text that cannot be seen', 'see \u001b[8mnothing\u001b[0m', 'see nothing'],
  ['a control sequence of one byte', 'A\u009b2JB', 'AB'],
  ['backspaces over what was said', 'REMOVES\b\b\b\b\b\b\b', 'REMOVES'],
  ['a carriage return to write over the line', 'REMOVES all\rNothing', 'REMOVES all Nothing'],
  ['more lines than one', 'first\nApproved.\u2028third\u0085fourth', 'first Approved. third fourth'],
  ['the other direction', 'a\u202edcb\u202c', 'adcb'],
  ['a link', 'see \u001b]8;;https://x.example\u001b\\docs\u001b]8;;\u001b\\ now', 'see docs now'],
  [
    'a link in control characters of C1',
    'see \u009d8;;https://x.example\u009cdocs\u009d8;;\u009c',
    'see docs',
  ],
  ['the clipboard by C1', 'x\u009d52;c;aGk=\u0007y', 'xy'],
  ['a device control string', 'x\u001bPq#0;2;0;0;0\u001b\\y', 'xy'],
  ['one of C1', 'x\u0090q#0\u009cy', 'xy'],
  ['a picture', 'x\u001b_Gf=100;AAAA\u001b\\y', 'xy'],
  ['a private message', 'x\u001b^words\u001b\\y', 'xy'],
  ['another screen', 'x\u001b[?1049hy\u001b[?25l', 'xy'],
  ['another set of characters', 'x\u001b(0y', undefined],
  ['a reset of the terminal', 'x\u001bcy', 'xy'],
  ['a sequence within a sequence', '\u001b\u001b[[31mx', 'x'],
  ['a sequence without an end', 'x\u001b]0;forever', undefined],
  ['a bell', 'x\u0007y', 'xy'],
  ['a lone escape', 'x\u001b', 'x'],
] as const;

test.each(hostile)('%s is displayed, not interpreted', (_, text, plain) => {
  expect(plainText(text)).not.toMatch(obeyed);
  if (plain !== undefined) expect(plainText(text)).toBe(plain);
  expect(printable(text, false)).not.toMatch(obeyed);
  const json = printableJson(JSON.stringify({ text }));
  expect(json).not.toMatch(obeyed);
  expect(JSON.parse(json)).toEqual({ text });
});

test.each<[string, string, string]>([
  ['a blank of no width', 'prod\u200buction', 'production'],
  ['a joiner of words', 'prod\u2060uction', 'production'],
  ['a byte order mark', 'prod\ufeffuction', 'production'],
  ['a soft hyphen', 'prod\u00aduction', 'production'],
  ['letters that are empty', 'prod\u3164uc\u115ftion', 'production'],
  ['a joiner of letters', 'prod\u034fuction', 'production'],
  ['tags', 'production\u{e0064}\u{e0065}', 'production'],
  ['format characters of old', 'prod\u206a\ufff9uction', 'production'],
  ['marks piled up', `o${'\u0301'.repeat(500)}k`, `o${'\u0301'.repeat(6)}k`],
  ['half a character', 'o\ud83dk', 'o\ufffdk'],
])('nothing hides in %s', (_, text, plain) => {
  expect(plainText(text)).toBe(plain);
  expect(printable(text, true)).toBe(plain);
});

test.each(['\u0645\u06cc\u200c\u062e', '👩‍👩‍👧', '❤️', 'שָׁ֔לוֹם', 'ภาษาไทย', '日本語', 'Grüße'])(
  '%s stays unchanged',
  (text) => {
    expect(plainText(text)).toBe(text);
    expect(printable(text, false)).toBe(text);
  },
);

test('no text contains control characters afterwards; plain text stays unchanged', () => {
  const unit = fc.oneof(
    fc.constantFrom('\u001b', '[', ']', '0', ';', 'm', '\u0007', '\u009b', '\u009c', '\\', 'P', '\n'),
    fc.string({ unit: 'grapheme', maxLength: 3 }),
  );
  fc.assert(
    fc.property(
      fc.array(unit).map((parts) => parts.join('')),
      (text) => {
        expect(plainText(text)).not.toMatch(obeyed);
        expect(plainText(text)).not.toContain('\n');
        expect(printable(text, false)).not.toMatch(obeyed);
        expect(printable(text, true).replaceAll(ownColours, '')).not.toMatch(obeyed);
      },
    ),
  );
  expect(plainText('Grüße 日本 👩‍👩‍👧 – “quoted”')).toBe('Grüße 日本 👩‍👩‍👧 – “quoted”');
});

test('our own colours and line breaks are kept on a terminal', () => {
  const line = '\u001b[32m✔\u001b[39m staging\n\tnext';
  expect(printable(line, true)).toBe(line);
  expect(printable(line, false)).toBe('✔ staging\n\tnext');
});
