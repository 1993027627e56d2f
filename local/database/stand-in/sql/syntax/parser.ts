import { atLine, sqlError, unsupported } from '../../sql-error.ts';
import type { Run, Statement } from '../engine/execution.ts';
import { findTable } from '../engine/find-table.ts';
import { runQuery } from '../engine/queries.ts';
import * as simple from '../engine/simple-statements.ts';
import type { Expression } from './ast.ts';
import { parseAlterTable, parseCreate, parseDrop } from './definitions.ts';
import { parseDataType, parseExpression } from './expressions.ts';
import { parseAssigned, parseDelete, parseInsert, parseUpdate } from './modifications.ts';
import { parseQuery } from './queries.ts';
import { parseAlterRole, parseAlterUser, parseGrant, simply } from './security.ts';
import { TokenStream } from './token-stream.ts';

/** Parses a whole batch before any of it runs, as SQL Server does; error 102 and others if it cannot. */
export function parseBatch(sql: string): Statement[] {
  const tokens = new TokenStream(sql, parseQuery);
  const statements = parseStatements(tokens, () => tokens.atEnd);
  if (!tokens.atEnd) tokens.fail();
  const alone = statements.find((statement) => statement.alone);
  if (alone && statements.length > 1) throw atLine(sqlError(111), alone.line);
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
  const { line, key, kind, text } = tokens.peek();
  const alone = tokens.is('CREATE', 'SCHEMA');
  const parse = kind === 'quoted' ? parseProcedure : parsers[key];
  if (!parse) throw atLine(others.test(key) ? unsupported(key) : sqlError(102, text), line);
  const compound = /^(IF|BEGIN|EXEC|EXECUTE)$/.test(key);
  const run = parse(tokens);
  tokens.accept(';');
  return { line, run, compound, alone };
}

/** T-SQL statements that the stand-in does not support, to distinguish them from syntax errors. */
const others =
  /^(MERGE|BACKUP|RESTORE|BULK|OPEN|CLOSE|FETCH|GOTO|DBCC|REVERT|THROW|SAVE|KILL|TRUNCATE|DENY|REVOKE|WITH|RETURN|BREAK|CONTINUE|RECONFIGURE|CHECKPOINT|WHILE|RAISERROR|WAITFOR|DEALLOCATE)$/;

const parsers: Readonly<Record<string, (tokens: TokenStream) => Run>> = {
  SELECT(tokens) {
    const query = parseQuery(tokens);
    return (execution) => runQuery(execution, query);
  },
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
  EXEC: parseExecute,
  EXECUTE: parseExecute,
  COMMIT: (tokens) => endTransaction(tokens, 'commit'),
  ROLLBACK: (tokens) => endTransaction(tokens, 'rollback'),
  IF(tokens) {
    tokens.next();
    const condition = parseExpression(tokens);
    const then = parseStatement(tokens);
    return simple.conditional(condition, then, tokens.accept('ELSE') ? parseStatement(tokens) : undefined);
  },
  PRINT(tokens) {
    tokens.next();
    return simple.print(parseExpression(tokens));
  },
  USE(tokens) {
    tokens.next();
    return simple.useDatabase(tokens.name());
  },
};

function parseAlter(tokens: TokenStream): Run {
  tokens.expect('ALTER');
  if (tokens.accept('TABLE')) return parseAlterTable(tokens);
  if (tokens.accept('ROLE')) return parseAlterRole(tokens);
  if (tokens.accept('USER')) return parseAlterUser(tokens);
  throw unsupported(`ALTER ${tokens.peek().key || tokens.peek().text}`);
}

function endTransaction(tokens: TokenStream, change: 'commit' | 'rollback'): Run {
  tokens.next();
  if (!tokens.acceptAny('TRAN', 'TRANSACTION')) tokens.accept('WORK');
  skipName(tokens);
  return simple.changeTransaction(change);
}

/** Skips the name of a transaction, which has no effect because there are no savepoints. */
function skipName(tokens: TokenStream): void {
  const { kind, key } = tokens.peek();
  // An unquoted word on the next line may be the next statement.
  if (kind === 'variable' || kind === 'quoted') tokens.next();
  else if (kind === 'word' && !parsers[key] && !others.test(key)) tokens.acceptName();
}

function parseDeclare(tokens: TokenStream): Run {
  tokens.expect('DECLARE');
  if (tokens.peek(1).key === 'CURSOR') throw unsupported('A cursor');
  const declared = tokens.list(() => {
    const name = tokens.variable();
    tokens.accept('AS');
    if (tokens.is('TABLE')) throw unsupported('A table variable');
    const type = parseDataType(tokens);
    return {
      name,
      type,
      assign: tokens.accept('=') ? simple.assign(name, parseExpression(tokens)) : undefined,
    };
  });
  return async (execution) => {
    for (const { name, type, assign } of declared) {
      execution.variables.declare(name, type);
      await assign?.(execution);
    }
  };
}

function parseSet(tokens: TokenStream): Run {
  tokens.expect('SET');
  if (tokens.peek().kind === 'variable') {
    const name = tokens.variable();
    return simple.assign(name, parseAssigned(tokens, { kind: 'variable', name }));
  }
  if (tokens.accept('IDENTITY_INSERT')) {
    const table = tokens.objectName();
    const on = onOrOff(tokens);
    return simply((session) => {
      const { objectId, columns } = findTable(session, table, 'ALTER');
      if (!columns.some(({ identity }) => identity)) throw sqlError(8106, table.name);
      session.identityInsert = on ? objectId : undefined;
    });
  }
  if (tokens.acceptAny('TRANSACTION', 'TRAN')) {
    // SQLite's transactions are serializable, which satisfies every isolation level.
    tokens.expect('ISOLATION', 'LEVEL');
    while (/^(READ|UNCOMMITTED|COMMITTED|REPEATABLE|SNAPSHOT|SERIALIZABLE)$/.test(tokens.peek().key))
      tokens.next();
    return simply(() => {});
  }
  const options = tokens.list(() => tokens.name().toUpperCase());
  if (tokens.is('ON') || tokens.is('OFF')) {
    const on = onOrOff(tokens);
    return simply((session) => {
      for (const option of options) session.options.set(option, on);
    });
  }
  const [option = ''] = options;
  if (!(option in simple.valuesOfOptions)) throw unsupported(`SET ${option}`);
  return simple.setValue(option, wordOrExpression(tokens));
}

/** An unquoted word counts as a string here. */
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

function parseBegin(tokens: TokenStream): Run {
  tokens.expect('BEGIN');
  if (tokens.acceptAny('TRAN', 'TRANSACTION')) {
    skipName(tokens);
    return simple.changeTransaction('begin');
  }
  if (tokens.peek().key === 'TRY') throw unsupported('BEGIN TRY');
  const statements = parseStatements(tokens, () => tokens.is('END'));
  if (statements.length === 0) tokens.fail();
  tokens.expect('END');
  return simple.block(statements);
}

function parseExecute(tokens: TokenStream): Run {
  tokens.next();
  if (tokens.is('AS')) throw unsupported('EXECUTE AS');
  if (!tokens.accept('(')) return parseProcedure(tokens);
  const expression = parseExpression(tokens);
  tokens.expect(')');
  return simple.executeDynamic(expression);
}

/** Parses a procedure call. No procedures can be called from T-SQL here. */
function parseProcedure(tokens: TokenStream): Run {
  const { name } = tokens.objectName();
  const given = ['number', 'string', 'variable', 'binary'].includes(tokens.peek().kind) || tokens.is('NULL');
  if (given || /^(sp|xp|rds)_/i.test(name)) throw unsupported(`The procedure ${name}`);
  return simply(() => {
    throw sqlError(2812, name);
  });
}
