import { createHash } from 'node:crypto';
import { ProvisioningError } from '../provisioning-error.ts';
import { lineEnd, readSql, type SqlStretch, sqlTokens, UnterminatedError } from './sql-lexer.ts';
import { refuseSqlcmd, refuseVariables } from './sqlcmd.ts';

/** The part of a script that is sent to the server as one request. */
export interface Batch {
  /** From 1; counts only batches that hold more than blanks and comments. */
  readonly number: number;
  /** Line of the script in which `sql` begins, from 1. */
  readonly line: number;
  readonly sql: string;
  /** How often to run it: the number after `GO`, or 1. */
  readonly count: number;
  /** SHA-256 of text and count, independent of line endings; hexadecimal. */
  readonly sha256: string;
}

/** A line that holds only `GO`, an optional count, and blanks. */
const separator = /^\s*GO(?:\s+(\d+))?\s*$/i;
/** A line meant as a `GO` that sqlcmd and Management Studio refuse: `GO;`, `GO -1`, `GO twice`. */
const wrongSeparator = /^\s*GO(?:\s*;|\s+[^\s,)=<>*/%&|^])/i;
/** The largest count that sqlcmd reads. */
const largestCount = 2 ** 31 - 1;

/**
 * Splits a script at its `GO` lines as sqlcmd and Management Studio do, but not within comments, strings and quoted
 * identifiers; comments may follow a `GO`. Lines end at CR, LF or both.
 *
 * @param name for errors
 * @throws ProvisioningError naming file and line, for commands and variables of sqlcmd, a wrong count, an unterminated
 *   comment or quotation, or a script without statements
 * @see https://learn.microsoft.com/sql/t-sql/language-elements/sql-server-utilities-statements-go
 */
export function splitBatches(name: string, script: string): Batch[] {
  const stretches = [...readAll(name, script)];
  refuseVariables(name, stretches);
  const lines = significantLines(stretches);
  const batches: Batch[] = [];
  let first = 0;

  function finish(end: number, count: number): void {
    const pending = lines.slice(first, end);
    const begin = pending.findIndex(({ text }) => text.trim() !== '');
    if (pending.some(({ code }) => code.trim() !== '')) {
      batches.push(batch(batches.length + 1, first + begin + 1, pending.slice(begin), count));
    }
    first = end + 1;
  }

  lines.forEach((line, index) => {
    if (line.startsInside) return;
    const go = separator.exec(line.code);
    if (!go) refuseLine(name, index + 1, line);
    else if (lines[index + 1]?.startsInside) {
      throw new ProvisioningError(
        `${name}, line ${index + 1}: the comment after GO continues on the next line, which would begin a batch: end ` +
          'it on its line.',
      );
    } else finish(index, countOf(name, index + 1, go[1] ?? '1'));
  });
  finish(lines.length, 1);
  if (!batches.some(({ sql }) => sqlTokens(sql).some(({ text }) => text !== ';'))) {
    throw new ProvisioningError(`There is no statement in the script ${name}: provide the intended script.`);
  }
  return batches;
}

function batch(number: number, line: number, lines: readonly Line[], count: number): Batch {
  const sql = lines
    .map(({ text, end }) => text + end)
    .join('')
    .trimEnd();
  const hash = createHash('sha256').update(`${count}\n${sql.replaceAll(/\r\n?/g, '\n')}`);
  return { number, line, sql, count, sha256: hash.digest('hex') };
}

function countOf(name: string, line: number, digits: string): number {
  const count = Number(digits);
  if (count < 1) {
    throw new ProvisioningError(`${name}, line ${line}: GO ${count} would run nothing: write 1 or more.`);
  }
  if (count > largestCount) {
    throw new ProvisioningError(
      `${name}, line ${line}: GO ${digits} is more than sqlcmd can count: write ${largestCount} or less.`,
    );
  }
  return count;
}

function refuseLine(name: string, line: number, { code, text }: Line): void {
  refuseSqlcmd(name, line, code);
  if (!wrongSeparator.test(code)) return;
  throw new ProvisioningError(
    `${name}, line ${line}: "${text.trim()}" does not separate batches: write GO alone on its line, or with a whole ` +
      'number after it.',
  );
}

interface Line {
  readonly text: string;
  /** The text with each comment replaced by a blank and each quotation by `'`. */
  readonly code: string;
  /** Its line ending. A lone CR, whose meaning to the server is not documented, is sent as LF outside quotations. */
  readonly end: string;
  /** Whether a comment or quotation continues here from an earlier line. */
  readonly startsInside: boolean;
}

function significantLines(stretches: readonly SqlStretch[]): Line[] {
  const lines: Line[] = [];
  let current = { text: '', code: '', startsInside: false };
  for (const { kind, text } of stretches) {
    const mask = kind === 'comment' ? ' ' : "'";
    const parts = text.split(lineEnd);
    const ends = [...text.matchAll(new RegExp(lineEnd, 'g'))];
    parts.forEach((part, index) => {
      current.text += part;
      current.code += kind === 'text' ? part : mask;
      const [end] = ends[index] ?? [];
      if (end === undefined) return;
      lines.push({ ...current, end: end === '\r' && kind !== 'quoted' ? '\n' : end });
      current = { text: '', code: '', startsInside: kind !== 'text' };
    });
  }
  return [...lines, { ...current, end: '' }];
}

function* readAll(name: string, script: string): Generator<SqlStretch> {
  try {
    yield* readSql(script);
  } catch (error) {
    if (!(error instanceof UnterminatedError)) throw error;
    throw new ProvisioningError(`${name}, line ${error.line}: ${error.message}.`);
  }
}
