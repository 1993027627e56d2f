import { SqlError, syntaxError, unsupported } from '../../sql-error.ts';
import { parseAlter } from './alterations.ts';
import { parseCreate, parseDrop } from './definitions.ts';
import { parseDataType, parseExpression } from './expressions.ts';
import { parseDelete, parseInsert, parseUpdate } from './modifications.ts';
import { parseQuery } from './queries.ts';
import { parsePermission } from './security.ts';
import type { Argument, Statement, StatementBody } from './statements.ts';
import { TokenStream } from './token-stream.ts';

/** Statements that must stand alone at the start of their batch. */
const firstInBatch: Readonly<Record<string, string>> = { createSchema: 'CREATE SCHEMA' };

/** Reads a batch as a whole before any of it runs, as SQL Server does; error 102 and kin if it cannot. */
export function parseBatch(sql: string): Statement[] {
  const tokens = new TokenStream(sql);
  const statements = parseStatements(tokens, () => tokens.atEnd);
  if (!tokens.atEnd) tokens.fail();
  for (const [index, { kind, line }] of statements.entries()) {
    const name = firstInBatch[kind];
    if (name && (index > 0 || statements.length > 1)) throw mustBeFirst(name, line);
  }
  return statements;
}

function mustBeFirst(name: string, line: number): SqlError {
  const message = `'${name}' must be the first statement in a query batch.`;
  const error = new SqlError({ number: 111, severity: 15, message });
  error.line = line;
  return error;
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
  const { line } = tokens;
  const body = parseBody(tokens);
  tokens.accept(';');
  return { ...body, line };
}

function parseBody(tokens: TokenStream): StatementBody {
  const { key, kind } = tokens.peek();
  switch (key) {
    case 'SELECT':
    case 'WITH':
    case '(':
      return { kind: 'query', query: parseQuery(tokens) };
    case 'INSERT':
      return parseInsert(tokens);
    case 'UPDATE':
      return parseUpdate(tokens);
    case 'DELETE':
      return parseDelete(tokens);
    case 'CREATE':
      return parseCreate(tokens);
    case 'ALTER':
      return parseAlter(tokens);
    case 'DROP':
      return parseDrop(tokens);
    case 'GRANT':
    case 'DENY':
    case 'REVOKE':
      return parsePermission(tokens);
    case 'DECLARE':
      return parseDeclare(tokens);
    case 'SET':
      return parseSet(tokens);
    case 'BEGIN':
      return parseBegin(tokens);
    case 'IF':
      return parseIf(tokens);
    case 'EXEC':
    case 'EXECUTE':
      return parseExecute(tokens);
    case 'COMMIT':
    case 'ROLLBACK':
      tokens.next();
      if (!tokens.acceptAny('TRAN', 'TRANSACTION')) tokens.accept('WORK');
      return { kind: key === 'COMMIT' ? 'commit' : 'rollback', ...optionalName(tokens) };
    default:
      if (kind === 'quoted') return parseProcedure(tokens);
      return parseSimple(tokens);
  }
}

function parseSimple(tokens: TokenStream): StatementBody {
  const { key, line, text } = tokens.next();
  switch (key) {
    case 'SAVE':
      if (!tokens.acceptAny('TRAN', 'TRANSACTION')) tokens.fail();
      return { kind: 'save', name: tokens.name() };
    case 'WHILE': {
      const condition = parseExpression(tokens);
      return { kind: 'while', condition, body: parseStatement(tokens) };
    }
    case 'BREAK':
      return { kind: 'break' };
    case 'CONTINUE':
      return { kind: 'continue' };
    case 'PRINT':
      return { kind: 'print', expression: parseExpression(tokens) };
    case 'RETURN':
      return startsExpression(tokens)
        ? { kind: 'return', expression: parseExpression(tokens) }
        : { kind: 'return' };
    case 'USE':
      return { kind: 'use', database: tokens.name() };
    case 'THROW': {
      if (!startsExpression(tokens)) return { kind: 'throw' };
      const [number, message, state] = tokens.list(() => parseExpression(tokens));
      if (!number || !message || !state) tokens.fail();
      return { kind: 'throw', arguments: [number, message, state] };
    }
    case 'RAISERROR': {
      const list = tokens.parenthesised(() => parseExpression(tokens));
      if (tokens.accept('WITH')) tokens.list(() => tokens.name());
      return { kind: 'raiserror', arguments: list };
    }
    case 'WAITFOR':
      if (!tokens.accept('DELAY')) throw unsupported('WAITFOR other than DELAY');
      return { kind: 'waitfor', delay: parseExpression(tokens) };
    case 'KILL':
      return { kind: 'kill', spid: tokens.integer() };
    case 'TRUNCATE':
      tokens.expect('TABLE');
      return { kind: 'truncate', target: tokens.objectName() };
    default:
      throw /^(MERGE|BACKUP|RESTORE|BULK|OPEN|CLOSE|FETCH|GOTO|DBCC|REVERT)$/.test(key)
        ? unsupported(key)
        : syntaxError(text, line);
  }
}

const startsExpression = (tokens: TokenStream) =>
  ['number', 'string', 'variable'].includes(tokens.peek().kind) || tokens.is('-') || tokens.is('(');

function optionalName(tokens: TokenStream): { name?: string } {
  if (tokens.peek().kind === 'variable') return { name: tokens.variable() };
  const { kind } = tokens.peek();
  // An unquoted word on the next line may well be the next statement.
  const name =
    kind === 'quoted' || (kind === 'word' && !/^(THROW|PRINT|SAVE)$/.test(tokens.peek().key))
      ? tokens.acceptName()
      : undefined;
  return name === undefined ? {} : { name };
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

function parseSet(tokens: TokenStream): StatementBody {
  tokens.expect('SET');
  if (tokens.peek().kind === 'variable') {
    const name = tokens.variable().toLowerCase();
    const operator = tokens.acceptAny('=', '+=', '-=', '*=', '/=');
    if (!operator) tokens.fail();
    const right = parseExpression(tokens);
    if (operator === '=') return { kind: 'setVariable', name, expression: right };
    const left = { kind: 'variable', name } as const;
    return {
      kind: 'setVariable',
      name,
      expression: { kind: 'binary', operator: operator.charAt(0), left, right },
    };
  }
  if (tokens.accept('IDENTITY_INSERT')) {
    const table = tokens.objectName();
    return { kind: 'identityInsert', table, on: onOrOff(tokens) };
  }
  if (tokens.acceptAny('TRANSACTION', 'TRAN')) {
    tokens.expect('ISOLATION', 'LEVEL');
    const level = [tokens.name()];
    while (tokens.peek().kind === 'word' && /^(UNCOMMITTED|COMMITTED)$|^READ$/.test(tokens.peek().key))
      level.push(tokens.name());
    return { kind: 'nothing' };
  }
  const options = tokens.list(() => tokens.name().toUpperCase());
  // Options with a value instead of ON or OFF: dates, language and sizes that the clients ask for at login.
  if (tokens.is('ON') || tokens.is('OFF')) return { kind: 'setOption', options, on: onOrOff(tokens) };
  const [option = ''] = options;
  if (
    !/^(DATEFORMAT|DATEFIRST|LANGUAGE|TEXTSIZE|LOCK_TIMEOUT|DEADLOCK_PRIORITY|ROWCOUNT|CONTEXT_INFO)$/.test(
      option,
    )
  )
    throw unsupported(`SET ${option}`);
  const word = tokens.acceptName();
  const expression =
    word === undefined
      ? parseExpression(tokens)
      : ({ kind: 'literal', value: word, type: { name: 'nvarchar', length: 128 } } as const);
  return { kind: 'setValue', option, expression };
}

function onOrOff(tokens: TokenStream): boolean {
  if (tokens.accept('ON')) return true;
  tokens.expect('OFF');
  return false;
}

function parseBegin(tokens: TokenStream): StatementBody {
  tokens.expect('BEGIN');
  if (tokens.acceptAny('TRAN', 'TRANSACTION')) return { kind: 'begin', ...optionalName(tokens) };
  if (tokens.accept('TRY')) {
    const body = parseStatements(tokens, () => tokens.is('END'));
    tokens.expect('END', 'TRY');
    tokens.accept(';');
    tokens.expect('BEGIN', 'CATCH');
    const handler = parseStatements(tokens, () => tokens.is('END'));
    tokens.expect('END', 'CATCH');
    return { kind: 'try', body, handler };
  }
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
  if (tokens.accept('(')) {
    const expression = parseExpression(tokens);
    tokens.expect(')');
    return { kind: 'executeText', expression };
  }
  return parseProcedure(tokens);
}

function parseProcedure(tokens: TokenStream): StatementBody {
  let result: { result?: string } = {};
  if (tokens.peek().kind === 'variable') {
    result = { result: tokens.variable().toLowerCase() };
    tokens.expect('=');
  }
  const procedure = tokens.objectName();
  const list = startsArgument(tokens) ? tokens.list(() => parseArgument(tokens)) : [];
  return { kind: 'execute', procedure, ...result, arguments: list };
}

const startsArgument = (tokens: TokenStream) =>
  ['number', 'string', 'variable', 'binary'].includes(tokens.peek().kind) ||
  tokens.is('-') ||
  tokens.is('NULL');

function parseArgument(tokens: TokenStream): Argument {
  const named = tokens.peek().kind === 'variable' && tokens.peek(1).key === '=';
  const name = named ? { name: tokens.variable().toLowerCase() } : {};
  if (named) tokens.expect('=');
  // A bare word is a string here: EXEC sp_getapplock @LockMode = Exclusive.
  const bare = tokens.acceptName();
  const expression =
    bare === undefined
      ? parseExpression(tokens)
      : ({ kind: 'literal', value: bare, type: { name: 'nvarchar', length: 128 } } as const);
  const output = tokens.peek().kind === 'word' && /^OUT(PUT)?$/.test(tokens.peek().key);
  if (output) tokens.next();
  return { ...name, expression, output };
}
