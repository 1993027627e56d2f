import { atLine, sqlError } from '../../sql-error.ts';
import type { ObjectName, Query } from './ast.ts';
import { type Token, tokenize } from './tokenizer.ts';

/** Words that end an expression or a list of names, and therefore cannot be an unquoted alias or column name. */
const reserved = new Set(
  `ADD ALL ALTER AND ANY AS ASC AUTHORIZATION BACKUP BEGIN BETWEEN BREAK BY CASCADE CASE CHECK CLOSE CLUSTERED
  COALESCE COLLATE COLUMN COMMIT CONSTRAINT CONTINUE CONVERT CREATE CROSS CURRENT_TIMESTAMP CURRENT_USER DATABASE
  DECLARE DEFAULT DELETE DENY DESC DISTINCT DROP ELSE END ESCAPE EXCEPT EXEC EXECUTE EXISTS FETCH FOR FOREIGN FROM
  FULL FUNCTION GRANT GROUP HAVING IDENTITY_INSERT IF IN INDEX INNER INSERT INTERSECT INTO IS JOIN KEY KILL LEFT LIKE
  MERGE NOT NULL NULLIF OF ON OPEN OPTION OR ORDER OUTER OVER PRIMARY PRINT PROC PROCEDURE RAISERROR REFERENCES RETURN REVOKE
  RIGHT ROLLBACK SAVE SCHEMA SELECT SET SYSTEM_USER TABLE THEN TO TOP TRAN TRANSACTION TRIGGER TRUNCATE UNION UNIQUE
  UPDATE USE USER VALUES VIEW WAITFOR WHEN WHERE WHILE WITH`.split(/\s+/),
);

/** The tokens of a batch, and the parsing steps that all parts of the grammar share. */
export class TokenStream {
  readonly #tokens: readonly Token[];
  readonly #parseQuery: ((tokens: TokenStream) => Query) | undefined;
  #position = 0;

  /** @param parseQuery for queries within expressions; without it they are syntax errors */
  constructor(sql: string, parseQuery?: (tokens: TokenStream) => Query) {
    this.#tokens = tokenize(sql);
    this.#parseQuery = parseQuery;
  }

  /** A query in parentheses. */
  subquery(): Query {
    this.expect('(');
    const query = this.#parseQuery?.(this) ?? this.fail();
    this.expect(')');
    return query;
  }

  peek(ahead = 0): Token {
    const last = this.#tokens.length - 1;
    return this.#tokens[Math.min(this.#position + ahead, last)] as Token;
  }

  next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#position++;
    return token;
  }

  get atEnd(): boolean {
    return this.peek().kind === 'end';
  }

  /** Throws error 102 at the next token. */
  fail(): never {
    const { kind, text, line } = this.peek();
    throw atLine(sqlError(102, kind === 'end' ? (this.#tokens.at(-2)?.text ?? '') : text), line);
  }

  /** Whether the next tokens are these keywords or symbols. */
  is(...keys: string[]): boolean {
    return keys.every((key, index) => this.peek(index).key === key);
  }

  /** Consumes these keywords or symbols if all of them come next. */
  accept(...keys: string[]): boolean {
    const accepted = this.is(...keys);
    if (accepted) this.#position += keys.length;
    return accepted;
  }

  /** Consumes one of several keywords or symbols and returns it. */
  acceptAny(...keys: string[]): string | undefined {
    const { key } = this.peek();
    return keys.includes(key) ? this.next().key : undefined;
  }

  expect(...keys: string[]): void {
    for (const key of keys) if (!this.accept(key)) this.fail();
  }

  get isName(): boolean {
    const { kind, key } = this.peek();
    return kind === 'quoted' || (kind === 'word' && !reserved.has(key));
  }

  name(): string {
    return this.acceptName() ?? this.fail();
  }

  acceptName(): string | undefined {
    return this.isName ? this.next().text : undefined;
  }

  integer(): number {
    const { kind, text } = this.peek();
    if (kind !== 'number' || !/^\d+$/.test(text)) this.fail();
    return Number(this.next().text);
  }

  /** The name of a variable, in lower case. */
  variable(): string {
    if (this.peek().kind !== 'variable') this.fail();
    return this.next().text.toLowerCase();
  }

  objectName(): ObjectName {
    const { line } = this.peek();
    const path = [this.name()];
    while (this.accept('.')) path.push(this.is('.') ? '' : this.name());
    if (path.length > 3) this.fail();
    const [name = '', schema, database] = path.reverse();
    return { name, line, ...(schema ? { schema } : {}), ...(database ? { database } : {}) };
  }

  /** One or more items, separated by commas. */
  list<T>(item: () => T): T[] {
    const items = [item()];
    while (this.accept(',')) items.push(item());
    return items;
  }

  /** A list in parentheses. */
  parenthesised<T>(item: () => T): T[] {
    this.expect('(');
    const items = this.list(item);
    this.expect(')');
    return items;
  }
}
