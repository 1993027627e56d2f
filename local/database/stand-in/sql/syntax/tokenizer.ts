import { atLine, sqlError } from '../../sql-error.ts';

export type TokenKind = 'word' | 'quoted' | 'string' | 'number' | 'binary' | 'variable' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** Content without quotes; words keep their case. */
  readonly text: string;
  /** For comparisons in the parser: words in upper case, symbols unchanged. */
  readonly key: string;
  readonly line: number;
}

const patterns: readonly [TokenKind | 'space', RegExp][] = [
  ['space', /(?:\s+|--[^\n]*)+/y],
  ['string', /N?'(?:[^']|'')*'/iy],
  ['quoted', /\[(?:[^\]]|\]\])*\]|"(?:[^"]|"")*"/y],
  ['binary', /0x[0-9a-f]*/iy],
  ['number', /(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?/iy],
  ['variable', /@@?[\w$#@]+/y],
  ['word', /[\p{L}_#][\p{L}\p{N}_$#@]*/uy],
  ['symbol', /<>|<=|>=|!=|!<|!>|\+=|-=|\*=|\/=|::|[(),.;=<>+\-*/%&|^~:]/y],
];

/** Splits T-SQL into tokens; error 102 for text that is not a token. */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  const advance = (to: number) => {
    for (let i = at; i < to; i++) if (sql.charCodeAt(i) === 10) line++;
    at = to;
  };
  while (at < sql.length) {
    if (sql.startsWith('/*', at)) {
      advance(endOfComment(sql, at, line));
      continue;
    }
    const found = match(sql, at);
    if (!found) throw atLine(sqlError(102, sql.charAt(at)), line);
    const [kind, text] = found;
    if (kind !== 'space') {
      const content = contentOf(kind, text);
      const key = kind === 'word' ? text.toUpperCase() : kind === 'symbol' ? text : '';
      tokens.push({ kind, text: content, key, line });
    }
    advance(at + text.length);
  }
  tokens.push({ kind: 'end', text: '', key: '', line });
  return tokens;
}

function match(sql: string, at: number): [TokenKind | 'space', string] | undefined {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const [text] = pattern.exec(sql) ?? [];
    if (text !== undefined) return [kind, text];
  }
  return undefined;
}

function contentOf(kind: TokenKind, text: string): string {
  if (kind === 'string') return text.slice(text.indexOf("'") + 1, -1).replaceAll("''", "'");
  if (kind !== 'quoted') return text;
  const quote = text.startsWith('[') ? ']' : '"';
  return text.slice(1, -1).replaceAll(quote + quote, quote);
}

/** Comments nest in T-SQL. */
function endOfComment(sql: string, start: number, line: number): number {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = start;
  let depth = 0;
  for (let found = edge.exec(sql); found; found = edge.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  throw atLine(sqlError(102, '/*'), line);
}
