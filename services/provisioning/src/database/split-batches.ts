import { createHash } from 'node:crypto';
import { ProvisioningError } from '../provisioning-error.ts';
import { readSql, type SqlToken, UnterminatedError } from './sql-lexer.ts';

/** What is sent to the server at once. */
export interface Batch {
  /** From 1, counting those that hold more than blanks and comments. */
  readonly number: number;
  /** Line of the script in which `sql` begins, from 1. */
  readonly line: number;
  readonly sql: string;
  /** How often it is to be run: the number after `GO`, or 1. */
  readonly count: number;
  /** SHA-256 of text and count, whatever the line endings; hexadecimal. */
  readonly sha256: string;
}

/** A line that holds `GO`, perhaps a count, and nothing else but blanks. */
const separator = /^[^\S\n]*GO(?:[^\S\n]+(\d+))?[^\S\n]*$/i;
/** A line that was meant as a `GO`, and that sqlcmd and Management Studio refuse: `GO;`, `GO -1`, `GO twice`. */
const wrongSeparator = /^[^\S\n]*GO(?:[^\S\n]*;|[^\S\n]+[\w.+-]+[^\S\n]*;?)[^\S\n]*$/i;
/** A line that begins with a command of sqlcmd: `:r file`, `:setvar`, `!!dir`. */
const sqlcmdCommand = /^[^\S\n]*(:[a-z]+|!!)/i;

/**
 * Splits a script at its `GO` lines as sqlcmd and Management Studio do: not within comments, strings and quoted
 * identifiers; comments may follow a `GO`.
 *
 * @param name for errors
 * @throws ProvisioningError naming file and line, for commands of sqlcmd, a wrong count and what does not end
 * @see https://learn.microsoft.com/sql/t-sql/language-elements/sql-server-utilities-statements-go
 */
export function splitBatches(name: string, script: string): Batch[] {
  const batches: Batch[] = [];
  let pending: string[] = [];
  let firstLine = 1;
  const lines = significantLines(name, script);

  function finish(count: number): void {
    const begin = pending.findIndex((line) => line.trim() !== '');
    const sql = begin === -1 ? '' : pending.slice(begin).join('\n').trimEnd();
    if (lines.slice(firstLine - 1, firstLine - 1 + pending.length).some(({ code }) => code.trim() !== '')) {
      batches.push({
        number: batches.length + 1,
        line: firstLine + begin,
        sql,
        count,
        sha256: createHash('sha256')
          .update(`${count}\n${sql.replaceAll('\r\n', '\n')}`)
          .digest('hex'),
      });
    }
  }

  lines.forEach(({ code, text, startsInside }, index) => {
    const line = index + 1;
    const go = startsInside ? null : separator.exec(code);
    if (!go) {
      const command = startsInside ? null : sqlcmdCommand.exec(code);
      if (command) {
        throw new ProvisioningError(
          `${name}, line ${line}: ${command[1]} is a command of sqlcmd, which only that program knows: write its ` +
            'effect out in T-SQL.',
        );
      }
      if (!startsInside && wrongSeparator.test(code)) {
        throw new ProvisioningError(
          `${name}, line ${line}: "${text.trim()}" separates no batches: write GO alone in its line, or with a whole ` +
            'number after it.',
        );
      }
      pending.push(text);
      return;
    }
    const count = Number(go[1] ?? 1);
    if (count < 1)
      throw new ProvisioningError(`${name}, line ${line}: GO ${count} would run nothing: write 1 or more.`);
    finish(count);
    pending = [];
    firstLine = line + 1;
  });
  finish(1);
  return batches;
}

interface Line {
  readonly text: string;
  /** The text with comments as blanks and quotations as `'`. */
  readonly code: string;
  /** Whether a comment or quotation of an earlier line goes on here. */
  readonly startsInside: boolean;
}

function significantLines(name: string, script: string): Line[] {
  const inside = new Set<number>();
  let code = '';
  for (const token of tokens(name, script)) {
    const breaks = token.text.split('\n').length - 1;
    if (token.kind === 'text') code += token.text;
    else {
      const mask = token.kind === 'comment' ? ' ' : "'";
      code += mask + `\n${mask}`.repeat(breaks);
      for (let line = token.line + 1; line <= token.line + breaks; line += 1) inside.add(line);
    }
  }
  const codes = code.split('\n');
  return script
    .split('\n')
    .map((text, index) => ({ text, code: codes[index] ?? '', startsInside: inside.has(index + 1) }));
}

function* tokens(name: string, script: string): Generator<SqlToken> {
  try {
    yield* readSql(script);
  } catch (error) {
    if (!(error instanceof UnterminatedError)) throw error;
    throw new ProvisioningError(`${name}, line ${error.line}: ${error.message}.`);
  }
}
