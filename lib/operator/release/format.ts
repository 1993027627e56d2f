import { styleText } from 'node:util';
import sliceAnsi from 'slice-ansi';
import stringWidth from 'string-width';

/** The first characters of a commit or an id, enough to recognise it. */
export function short(id: string | undefined): string {
  return (id ?? '').slice(0, 8) || '–';
}

/** The sign of a state, and its colour on a terminal. */
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
 * The sign of a state, coloured for a terminal; `·` for an unknown state.
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

/** Aligns rows in columns, two spaces apart. Widths are measured in terminal columns. */
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

/** The most UTF-16 units to allow for one terminal column. */
const mostUnits = 64;

/**
 * Truncates a text to a number of terminal columns and marks that with `…`. Wide characters count as two columns.
 * Characters are not split, and colours are closed.
 */
export function cut(whole: string, width: number): string {
  // Limit the text first, to avoid measuring a line of a megabyte. Even combining marks and joined emoji need few units
  // per column.
  const text = whole.slice(0, (Math.max(0, width) + 1) * mostUnits);
  if (text.length === whole.length && stringWidth(text) <= width) return text;
  for (let end = width - 1; end >= 0; end--) {
    // `sliceAnsi` includes all of a wide character that begins in the last column.
    const beginning = sliceAnsi(text, 0, end);
    if (stringWidth(beginning) < width) return `${beginning}…`;
  }
  return '';
}
