import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainText, printable, printableJson } from '../../lib/aws/plain-text.ts';

/** What a terminal would obey, rather than show. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these very characters are looked for
const obeyed = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

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
  ['a device control string', 'x\u001bPq#0;2;0;0;0\u001b\\y', undefined],
  ['a sequence without an end', 'x\u001b]0;forever', undefined],
  ['a bell', 'x\u0007y', 'xy'],
  ['a lone escape', 'x\u001b', 'x'],
] as const;

test.each(hostile)('%s is not obeyed', (_, text, plain) => {
  expect(plainText(text)).not.toMatch(obeyed);
  if (plain !== undefined) expect(plainText(text)).toBe(plain);
  expect(printable(text, false)).not.toMatch(obeyed);
  const json = printableJson(JSON.stringify({ text }));
  expect(json).not.toMatch(obeyed);
  expect(JSON.parse(json)).toEqual({ text });
});

test('whatever comes, nothing is obeyed; what is plain stays as it is', () => {
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

test('our own colours stay on a terminal, and lines stay lines', () => {
  const line = '\u001b[32m✔\u001b[39m staging\n\tnext';
  expect(printable(line, true)).toBe(line);
  expect(printable(line, false)).toBe('✔ staging\n\tnext');
});
