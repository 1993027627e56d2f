import { stripVTControlCharacters } from 'node:util';
import type { Check } from './check.ts';

/** A check with any name. */
export type Finding = Check<string>;

/** Width of the output, in terminal columns. */
export const width = 80;
const marks: Readonly<Record<Finding['status'], string>> = {
  passed: 'ok',
  warning: 'WARN',
  failed: 'FAIL',
  skipped: '-',
};
const indent = 5 + 17;

/** Formats a check as text, in lines of at most 80 columns. */
export function reportCheck({ check, status, detail, code, remedy, ask }: Finding): string {
  const lines = [
    ...wrapped(code === undefined ? detail : `${code}: ${detail}`),
    ...(remedy ? wrapped(`Remedy: ${remedy}`) : []),
    ...(ask ? wrapped(`Ask: the ${ask} team.`) : []),
  ];
  const head = marks[status].padEnd(5) + check;
  const [first = '', ...others] = lines;
  // A name that leaves no room for text gets its own line.
  const begin = head.length < indent ? [head.padEnd(indent) + first] : [head, ' '.repeat(indent) + first];
  return [...begin, ...others.map((line) => ' '.repeat(indent) + line)].join('\n');
}

/** The last line of the output. */
export function summary(checks: readonly Finding[]): string {
  const failures = checks.filter(({ status }) => status === 'failed').map(({ check }) => check);
  return failures.length === 0
    ? 'Nothing is wrong.'
    : wrapped(`Wrong: ${failures.join(', ')}. Begin with the first.`, width).join('\n');
}

/** C0 and C1 control characters, bidirectional controls, line separators and invisible characters. */
const steering =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]+/g;

/** Formats JSON that is safe to print to a terminal: escapes the characters above, of which JSON itself escapes only C0. */
export function printableJson(document: unknown): string {
  return JSON.stringify(document, undefined, 2).replaceAll(steering, (characters) =>
    [...characters].map((each) => (each === '\n' ? each : escaped(each))).join(''),
  );
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Characters that take two columns in a terminal: Chinese, Japanese, Korean, full-width forms, most emoji (UAX 11). */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/gu;

function columnsOf(text: string): number {
  return [...text].length + (text.match(wide)?.length ?? 0);
}

/** Wraps text and splits words that are longer than a line. Removes control characters, as text may come from a server. */
export function wrapped(text: string, columns = width - indent): string[] {
  const words = stripVTControlCharacters(text)
    .replaceAll(steering, ' ')
    .split(' ')
    .flatMap((word) => pieces(word, columns));
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && columnsOf(`${last} ${word}`) <= columns) lines[lines.length - 1] += ` ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Splits a word into parts of at most this many columns; none for an empty word. */
function pieces(word: string, columns: number): string[] {
  const parts: string[] = [];
  let left = 0;
  for (const character of word) {
    const size = columnsOf(character);
    if (size > left) {
      parts.push('');
      left = columns;
    }
    parts[parts.length - 1] += character;
    left -= size;
  }
  return parts;
}
