/** A stretch of T-SQL text; the stretches of a script, joined, are the script. */
export interface SqlStretch {
  /** `quoted`: a string, a "quoted" or a [bracketed] identifier; `text`: everything else. */
  readonly kind: 'comment' | 'quoted' | 'text';
  readonly text: string;
  /** The line of its first character, from 1. */
  readonly line: number;
}

/** Thrown if a script ends inside a comment, string or identifier. */
export class UnterminatedError extends Error {
  override readonly name = 'UnterminatedError';
  readonly line: number;

  constructor(what: string, line: number) {
    super(`the ${what} that begins here does not end`);
    this.line = line;
  }
}

const closings: Readonly<Record<string, { readonly mark: string; readonly what: string }>> = {
  "'": { mark: "'", what: 'string' },
  '"': { mark: '"', what: 'quoted identifier or string' },
  '[': { mark: ']', what: 'bracketed identifier' },
};

/** A line ending, as in Microsoft's own batch parser: CR, LF, or both. */
export const lineEnd = /\r\n?|\n/;

/** @returns how many lines end in the text */
export function lineEnds(text: string): number {
  return text.split(lineEnd).length - 1;
}

/**
 * Separates comments (block comments nest), strings and identifiers from the rest, as far as SQL Server's own rules do
 * (Transact-SQL reference, "Comments", "Constants", "Database identifiers").
 *
 * @throws UnterminatedError
 */
export function* readSql(sql: string): Generator<SqlStretch> {
  let line = 1;
  let rest = 0;
  const stretch = (kind: SqlStretch['kind'], from: number, to: number): SqlStretch => {
    const text = sql.slice(from, to);
    const result = { kind, text, line };
    line += lineEnds(text);
    return result;
  };
  for (let at = 0; at < sql.length; ) {
    const end = endOf(sql, at, () => line + lineEnds(sql.slice(rest, at)));
    if (end === undefined) {
      at += 1;
      continue;
    }
    if (at > rest) yield stretch('text', rest, at);
    yield stretch(sql[at] === '-' || sql[at] === '/' ? 'comment' : 'quoted', at, end);
    at = end;
    rest = end;
  }
  if (rest < sql.length) yield stretch('text', rest, sql.length);
}

/** The end of the comment or quotation that begins here; `undefined` if none does. */
function endOf(sql: string, at: number, line: () => number): number | undefined {
  if (sql.startsWith('--', at)) return endOfLine(sql, at);
  if (sql.startsWith('/*', at)) return endOfBlockComment(sql, at, line);
  const closing = closings[sql[at] ?? ''];
  if (!closing) return undefined;
  for (let end = at + 1; ; end += 2) {
    end = sql.indexOf(closing.mark, end);
    if (end === -1) throw new UnterminatedError(closing.what, line());
    // A doubled mark stands for the mark itself.
    if (sql[end + 1] !== closing.mark) return end + 1;
  }
}

function endOfLine(sql: string, at: number): number {
  const mark = /[\r\n]/g;
  mark.lastIndex = at;
  return mark.exec(sql)?.index ?? sql.length;
}

function endOfBlockComment(sql: string, at: number, line: () => number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = at + 2;
  for (let depth = 1; depth > 0; ) {
    const found = mark.exec(sql);
    if (!found) throw new UnterminatedError('comment', line());
    depth += found[0] === '/*' ? 1 : -1;
  }
  return mark.lastIndex;
}

/** The smallest unit of a statement. */
export interface SqlToken {
  /** `name`: an identifier in quotes or brackets, which is not a keyword whatever its text. */
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'symbol';
  /** A word in capitals, a name or a string without its quotation marks, or a symbol of one character. */
  readonly text: string;
  /** The same, with the letters as they were written. */
  readonly written: string;
}

const unquoted = /[\p{L}_@#][\p{L}\p{N}_@#$]*|\d[\w.]*|\S/gu;

/** The tokens of a batch, without its comments. @throws UnterminatedError */
export function sqlTokens(sql: string): SqlToken[] {
  const found: SqlToken[] = [];
  let before = '';
  for (const { kind, text } of readSql(sql)) {
    if (kind === 'quoted') {
      // N'text' is a constant of type nvarchar.
      if (text.startsWith("'") && /(?<![\p{L}\p{N}_@#$])N$/iu.test(before)) found.pop();
      found.push(unquote(text));
    } else if (kind === 'text') {
      for (const [token] of text.matchAll(unquoted)) found.push(tokenOf(token));
    }
    before = kind === 'text' ? text : '';
  }
  return found;
}

function tokenOf(text: string): SqlToken {
  if (/^\d/.test(text)) return { kind: 'number', text, written: text };
  return /^[\p{L}_@#]/u.test(text)
    ? { kind: 'word', text: text.toUpperCase(), written: text }
    : { kind: 'symbol', text, written: text };
}

function unquote(text: string): SqlToken {
  const mark = text.at(-1) as string;
  const inner = text.slice(1, -1).replaceAll(mark + mark, mark);
  return { kind: mark === "'" ? 'string' : 'name', text: inner, written: inner };
}
