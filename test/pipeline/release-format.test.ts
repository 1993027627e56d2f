import fc from 'fast-check';
import stringWidth from 'string-width';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { cut, sign, table } from '../../lib/operator/release/format.ts';

// The caller's environment may set NO_COLOR.
beforeEach(() => void vi.stubEnv('NO_COLOR', ''));
afterEach(() => void vi.unstubAllEnvs());

test('cut text is at most as wide as requested, and no character is cut in half', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      fc.integer({ min: 0, max: 50 }),
      (text, width) => {
        const short = cut(text, width);
        expect(stringWidth(short)).toBeLessThanOrEqual(Math.max(width, 0));
        expect(short.isWellFormed()).toBe(true);
      },
    ),
  );
});

test.each([
  ['日本語のタイトル', 7, '日本語…'],
  ['日本語のタイトル', 6, '日本…'],
  ['👩‍👩‍👧 family', 4, '👩‍👩‍👧 …'],
  ['🎉🎉', 3, '🎉…'],
  ['🎉🎉', 4, '🎉🎉'],
  ['plain', 5, 'plain'],
  ['plainer', 5, 'plai…'],
])('%s in %d columns is %s', (text, width, short) => {
  expect(cut(text, width)).toBe(short);
});

test.each(['x', '日', '👩‍👩‍👧', 'e\u0301', 'o\u0301\u0302\u0303\u0304\u0305\u0306'])(
  'only the beginning of a line of a million characters %s is measured',
  (unit) => {
    const line = unit.repeat(1_000_000 / unit.length);
    for (const width of [1, 20, 40, 80]) {
      const short = cut(line, width);
      expect(short).toBe(cut(line.slice(0, width * 100), width));
      expect(short.endsWith('…')).toBe(true);
      expect(stringWidth(short)).toBeGreaterThanOrEqual(width - 1);
    }
  },
);

test('a colour is reset when the text is cut', () => {
  expect(cut(`${sign('Failed', true)} production-database`, 6)).toBe('\u001b[31m✘\u001b[39m pro…');
});

test('columns are aligned even with wide characters and colours', () => {
  const lines = table([
    ['日本', 'x'],
    ['a', 'y'],
    [`${sign('Succeeded', true)} b`, 'z'],
  ]);
  expect(lines.map((line) => stringWidth(line))).toEqual([7, 7, 7]);
});

test('colours are used only on terminals, and not if NO_COLOR is set', () => {
  expect(sign('Failed', false)).toBe('✘');
  expect(sign('Failed', true)).toBe('\u001b[31m✘\u001b[39m');
  vi.stubEnv('NO_COLOR', '1');
  expect(sign('Failed', true)).toBe('✘');
});
