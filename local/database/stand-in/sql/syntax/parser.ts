import { SqlError, syntaxError, unsupported } from '../../sql-error.ts';
import type { Expression } from './ast.ts';
import { parseAlterTable, parseCreate, parseDrop } from './definitions.ts';
import { parseDataType, parseExpression } from './expressions.ts';
import { parseAssigned, parseDelete, parseInsert, parseUpdate } from './modifications.ts';
import { parseQuery } from './queries.ts';
import { parseAlterRole, parseAlterUser, parseGrant } from './security.ts';
import type { Argument, Statement, StatementBody } from './statements.ts';
import { TokenStream } from './token-stream.ts';

/** Reads a batch as a whole before any of it runs, as SQL Server does; error 102 and kin if it cannot. */
export function parseBatch(sql: string): Statement[] {
  const tokens = new TokenStream(sql, parseQuery);
  const statements = parseStatements(tokens, () => tokens.atEnd);
  if (!tokens.atEnd) tokens.fail();
  const schema = statements.find(({ kind }) => kind === 'createSchema');
  if (schema && statements.length > 1) {
    const message = "'CREATE SCHEMA' must be the first statement in a query batch.";
    const error = new SqlError({ number: 111, severity: 15, message });
    error.line = schema.line;
    throw error;
  }
  return statements;
}

function parseStatements(tokens: TokenStream, atEnd: () => boolean): Statement[] {
  const statements: Statement[] = [];
  for (;;) {
    while (tokens.accept(';'));
    if (tokens.atEnd || atEnd()) return statements;
    statements.push(parseStatement(tokens));
  }
}

function parseStatement(tokens: TokenStream): Statement {
  const { line } = tokens.peek();
  const { key, kind } = tokens.peek();
  const parse = kind === 'quoted' ? parseProcedure : parsers[key];
  if (!parse) throw unknownStatement(tokens);
  const body = parse(tokens);
  tokens.accept(';');
  return { ...body, line };
}

/** Statements of T-SQL that the stand-in does not know, told apart from what is none. */
const others =
  /^(MERGE|BACKUP|RESTORE|BULK|OPEN|CLOSE|FETCH|GOTO|DBCC|REVERT|THROW|SAVE|KILL|TRUNCATE|DENY|REVOKE|WITH|RETURN|BREAK|CONTINUE|RECONFIGURE|CHECKPOINT|DEALLOCATE)$/;

function unknownStatement(tokens: TokenStream): SqlError {
  const { key, line, text } = tokens.peek();
  const error = others.test(key) ? unsupported(key) : syntaxError(text, line);
  error.line = line;
  return error;
}

const parsers: Readonly<Record<string, (tokens: TokenStream) => StatementBody>> = {
  SELECT: (tokens) => ({ kind: 'query', query: parseQuery(tokens) }),
  INSERT: parseInsert,
  UPDATE: parseUpdate,
  DELETE: parseDelete,
  CREATE: parseCreate,
  ALTER: parseAlter,
  DROP: parseDrop,
  GRANT: parseGrant,
  DECLARE: parseDeclare,
  SET: parseSet,
  BEGIN: parseBegin,
  IF: parseIf,
  EXEC: parseExecute,
  EXECUTE: parseExecute,
  COMMIT: (tokens) => endTransaction(tokens, 'commit'),
  ROLLBACK: (tokens) => endTransaction(tokens, 'rollback'),
  WHILE(tokens) {
    tokens.next();
    return { kind: 'while', condition: parseExpression(tokens), body: parseStatement(tokens) };
  },
  PRINT(tokens) {
    tokens.next();
    return { kind: 'print', expression: parseExpression(tokens) };
  },
  USE(tokens) {
    tokens.next();
    return { kind: 'use', database: tokens.name() };
  },
  RAISERROR(tokens) {
    tokens.next();
    const list = tokens.parenthesised(() => parseExpression(tokens));
    if (tokens.accept('WITH')) tokens.list(() => tokens.name());
    return { kind: 'raiserror', arguments: list };
  },
  WAITFOR(tokens) {
    tokens.next();
    if (!tokens.accept('DELAY')) throw unsupported('WAITFOR other than DELAY');
    return { kind: 'waitfor', delay: parseExpression(tokens) };
  },
};

function parseAlter(tokens: TokenStream): StatementBody {
  tokens.expect('ALTER');
  if (tokens.accept('TABLE')) return parseAlterTable(tokens);
  if (tokens.accept('ROLE')) return parseAlterRole(tokens);
  if (tokens.accept('USER')) return parseAlterUser(tokens);
  throw unsupported(`ALTER ${tokens.peek().key || tokens.peek().text}`);
}

function endTransaction(tokens: TokenStream, kind: 'commit' | 'rollback'): StatementBody {
  tokens.next();
  if (!tokens.acceptAny('TRAN', 'TRANSACTION')) tokens.accept('WORK');
  skipName(tokens);
  return { kind };
}

/** The name of a transaction, which says nothing: there are no savepoints that it could mean. */
function skipName(tokens: TokenStream): void {
  const { kind, key } = tokens.peek();
  // An unquoted word on the next line may well be the next statement.
  if (kind === 'variable' || kind === 'quoted') tokens.next();
  else if (kind === 'word' && !parsers[key] && !others.test(key)) tokens.acceptName();
}

function parseDeclare(tokens: TokenStream): StatementBody {
  tokens.expect('DECLARE');
  const variables = tokens.list(() => {
    const name = tokens.variable().toLowerCase();
    tokens.accept('AS');
    if (tokens.is('TABLE')) throw unsupported('A table variable');
    const type = parseDataType(tokens);
    return tokens.accept('=') ? { name, type, value: parseExpression(tokens) } : { name, type };
  });
  return { kind: 'declare', variables };
}

const optionsWithValue =
  /^(DATEFORMAT|DATEFIRST|LANGUAGE|TEXTSIZE|LOCK_TIMEOUT|DEADLOCK_PRIORITY|ROWCOUNT|CONTEXT_INFO)$/;

function parseSet(tokens: TokenStream): StatementBody {
  tokens.expect('SET');
  if (tokens.peek().kind === 'variable') {
    const name = tokens.variable().toLowerCase();
    return { kind: 'setVariable', name, expression: parseAssigned(tokens, { kind: 'variable', name }) };
  }
  if (tokens.accept('IDENTITY_INSERT')) {
    return { kind: 'identityInsert', table: tokens.objectName(), on: onOrOff(tokens) };
  }
  if (tokens.acceptAny('TRANSACTION', 'TRAN')) {
    // SQLite's transactions are serializable, which is more than any level asks for.
    tokens.expect('ISOLATION', 'LEVEL');
    while (/^(READ|UNCOMMITTED|COMMITTED|REPEATABLE|SNAPSHOT|SERIALIZABLE)$/.test(tokens.peek().key))
      tokens.next();
    return { kind: 'nothing' };
  }
  const options = tokens.list(() => tokens.name().toUpperCase());
  if (tokens.is('ON') || tokens.is('OFF')) return { kind: 'setOption', options, on: onOrOff(tokens) };
  const [option = ''] = options;
  if (!optionsWithValue.test(option)) throw unsupported(`SET ${option}`);
  return { kind: 'setValue', option, expression: wordOrExpression(tokens) };
}

/** A bare word is a string here. */
function wordOrExpression(tokens: TokenStream): Expression {
  const value = tokens.acceptName();
  return value === undefined
    ? parseExpression(tokens)
    : { kind: 'literal', value, type: { name: 'nvarchar', length: 128 } };
}

function onOrOff(tokens: TokenStream): boolean {
  if (tokens.accept('ON')) return true;
  tokens.expect('OFF');
  return false;
}

function parseBegin(tokens: TokenStream): StatementBody {
  tokens.expect('BEGIN');
  if (tokens.acceptAny('TRAN', 'TRANSACTION')) {
    skipName(tokens);
    return { kind: 'begin' };
  }
  if (tokens.peek().key === 'TRY') throw unsupported('BEGIN TRY');
  const statements = parseStatements(tokens, () => tokens.is('END'));
  if (statements.length === 0) tokens.fail();
  tokens.expect('END');
  return { kind: 'block', statements };
}

function parseIf(tokens: TokenStream): StatementBody {
  tokens.expect('IF');
  const condition = parseExpression(tokens);
  const then = parseStatement(tokens);
  if (!tokens.accept('ELSE')) return { kind: 'if', condition, then };
  return { kind: 'if', condition, then, otherwise: parseStatement(tokens) };
}

function parseExecute(tokens: TokenStream): StatementBody {
  tokens.next();
  if (!tokens.accept('(')) return parseProcedure(tokens);
  const expression = parseExpression(tokens);
  tokens.expect(')');
  return { kind: 'executeText', expression };
}

function parseProcedure(tokens: TokenStream): StatementBody {
  const result = tokens.peek().kind === 'variable' ? { result: tokens.variable().toLowerCase() } : {};
  if (result.result !== undefined) tokens.expect('=');
  const procedure = tokens.objectName();
  const starts = ['number', 'string', 'variable', 'binary'].includes(tokens.peek().kind) || tokens.is('NULL');
  return {
    kind: 'execute',
    procedure,
    ...result,
    arguments: starts ? tokens.list(() => parseArgument(tokens)) : [],
  };
}

function parseArgument(tokens: TokenStream): Argument {
  const named = tokens.peek().kind === 'variable' && tokens.peek(1).key === '=';
  const name = named ? { name: tokens.variable().toLowerCase() } : {};
  if (named) tokens.expect('=');
  const argument = { ...name, expression: wordOrExpression(tokens) };
  if (/^OUT(PUT)?$/.test(tokens.peek().key)) throw unsupported('An output parameter of EXECUTE');
  return argument;
}
