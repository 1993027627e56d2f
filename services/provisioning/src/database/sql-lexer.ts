/** A stretch of T-SQL text. The stretches of a script, put together, are the script. */
export interface SqlToken {
  /** `quoted`: a string, a "quoted" or a [bracketed] identifier; `text`: everything else. */
  readonly kind: 'comment' | 'quoted' | 'text';
  readonly text: string;
  /** Of its first character, from 1. */
  readonly line: number;
}

/** Thrown for a comment, string or identifier that the script ends inside of. */
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

/**
 * Tells comments (block comments nest), strings and identifiers apart from the rest, as far as SQL Server's own rules do
 * (Transact-SQL reference, "Comments", "Constants", "Database identifiers").
 *
 * @throws UnterminatedError
 */
export function* readSql(sql: string): Generator<SqlToken> {
  let line = 1;
  let rest = 0;
  const token = (kind: SqlToken['kind'], from: number, to: number): SqlToken => {
    const text = sql.slice(from, to);
    const result = { kind, text, line };
    line += text.split('\n').length - 1;
    return result;
  };
  for (let at = 0; at < sql.length; ) {
    const end = endOf(sql, at, () => line + sql.slice(rest, at).split('\n').length - 1);
    if (end === undefined) {
      at += 1;
      continue;
    }
    if (at > rest) yield token('text', rest, at);
    yield token(sql[at] === '-' || sql[at] === '/' ? 'comment' : 'quoted', at, end);
    at = end;
    rest = end;
  }
  if (rest < sql.length) yield token('text', rest, sql.length);
}

/** Where the comment or quotation that begins here ends; `undefined` when none begins here. */
function endOf(sql: string, at: number, line: () => number): number | undefined {
  if (sql.startsWith('--', at)) {
    const end = sql.indexOf('\n', at);
    return end === -1 ? sql.length : end;
  }
  if (sql.startsWith('/*', at)) return endOfBlockComment(sql, at, line);
  const closing = closings[sql[at] ?? ''];
  if (!closing) return undefined;
  for (let end = at + 1; ; end += 2) {
    end = sql.indexOf(closing.mark, end);
    if (end === -1) throw new UnterminatedError(closing.what, line());
    // Doubled, the mark stands for itself.
    if (sql[end + 1] !== closing.mark) return end + 1;
  }
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

/** The words outside of comments and quotations, in capitals. */
export function sqlWords(sql: string): string[] {
  const plain = [...readSql(sql)].map(({ kind, text }) => (kind === 'text' ? text : ' ')).join('');
  return plain.toUpperCase().match(/[\p{L}_@#][\p{L}\p{N}_@#$]*/gu) ?? [];
}
