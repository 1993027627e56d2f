import { styleText } from 'node:util';
import sliceAnsi from 'slice-ansi';
import stringWidth from 'string-width';

/** The beginning of a commit or an id: enough to tell it by. */
export function short(id: string | undefined): string {
  return (id ?? '').slice(0, 8) || '–';
}

/** How a state looks: a sign for the eye, and a colour for a terminal. */
const looks: Readonly<
  Record<string, readonly [sign: string, colour: 'green' | 'red' | 'yellow' | 'cyan' | 'gray']>
> = {
  Succeeded: ['✔', 'green'],
  Failed: ['✘', 'red'],
  InProgress: ['▶', 'cyan'],
  Waiting: ['?', 'yellow'],
  Stopping: ['■', 'yellow'],
  Stopped: ['■', 'yellow'],
  Cancelled: ['■', 'gray'],
  Superseded: ['»', 'gray'],
  Abandoned: ['■', 'yellow'],
  Skipped: ['»', 'gray'],
};

/**
 * The sign of a state, coloured for a terminal; `·` for a state that is not known here.
 *
 * @see https://no-color.org
 */
export function sign(status: string | undefined, terminal: boolean): string {
  const [text, colour] = looks[status ?? ''] ?? (['·', 'gray'] as const);
  return terminal && !process.env.NO_COLOR ? styleText(colour, text, { validateStream: false }) : text;
}

/** A duration for people: `42 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Rows as columns of equal width, two blanks apart. Widths are those that a terminal gives. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, stringWidth(cell));
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - stringWidth(cell)))
      .join('  ')
      .trimEnd(),
  );
}

/** UTF-16 units that one column may have. */
const mostUnits = 64;

/**
 * Cut to a number of a terminal's columns, with a sign that it was. A wide character counts as two; none is cut in
 * half, nor a colour left without its end.
 */
export function cut(whole: string, width: number): string {
  // No need to measure a line of a megabyte: a column has few characters, and marks and joined emoji are few units.
  const text = whole.slice(0, (Math.max(0, width) + 1) * mostUnits);
  if (text.length === whole.length && stringWidth(text) <= width) return text;
  for (let end = width - 1; end >= 0; end--) {
    // A wide character that begins in the last column comes whole.
    const beginning = sliceAnsi(text, 0, end);
    if (stringWidth(beginning) < width) return `${beginning}…`;
  }
  return '';
}
