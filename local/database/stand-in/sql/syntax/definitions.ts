import { unsupported } from '../../sql-error.ts';
import {
  createDatabase,
  createIndex,
  createSchema,
  createTable,
  define,
  dropDatabase,
  dropTable,
} from '../engine/definitions.ts';
import type { Run } from '../engine/execution.ts';
import { alterTable } from '../engine/table-builder.ts';
import type { ColumnDefinition, ConstraintDefinition, TableParts } from './ast.ts';
import { acceptCollation, parseDataType, parseExpression } from './expressions.ts';
import { parseCreatePrincipal, parseDropPrincipal, simply } from './security.ts';
import type { TokenStream } from './token-stream.ts';

export function parseCreate(tokens: TokenStream): Run {
  tokens.expect('CREATE');
  if (tokens.accept('DATABASE')) {
    const name = tokens.name();
    acceptCollation(tokens);
    if (tokens.is('ON') || tokens.is('WITH')) throw unsupported('CREATE DATABASE with options');
    return simply((session) => createDatabase(session, name));
  }
  if (tokens.accept('SCHEMA')) {
    const name = tokens.name();
    const owner = tokens.accept('AUTHORIZATION') ? tokens.name() : undefined;
    return define('CREATE SCHEMA', ({ session }) => createSchema(session, name, owner));
  }
  if (tokens.accept('TABLE')) {
    const table = tokens.objectName();
    tokens.expect('(');
    const parts = parseTableParts(tokens);
    tokens.expect(')');
    return define('CREATE TABLE', (execution) => createTable(execution, table, parts));
  }
  const unique = tokens.accept('UNIQUE');
  skipClustering(tokens);
  if (tokens.accept('INDEX')) return parseIndex(tokens, unique);
  if (unique) tokens.fail();
  return parseCreatePrincipal(tokens);
}

/** Clustering affects speed, not results. */
const skipClustering = (tokens: TokenStream) => tokens.acceptAny('CLUSTERED', 'NONCLUSTERED');

function parseIndex(tokens: TokenStream, unique: boolean): Run {
  const name = tokens.name();
  tokens.expect('ON');
  const table = tokens.objectName();
  const columns = tokens.parenthesised(() => {
    const column = tokens.name();
    return { name: column, descending: tokens.acceptAny('ASC', 'DESC') === 'DESC' };
  });
  if (tokens.is('INCLUDE') || tokens.is('WHERE')) throw unsupported(`CREATE INDEX … ${tokens.peek().key}`);
  return define('CREATE INDEX', ({ session }) => createIndex(session, { name, unique, table, columns }));
}

/** `ALTER TABLE … ADD`, for constraints. */
export function parseAlterTable(tokens: TokenStream): Run {
  const table = tokens.objectName();
  // WITH CHECK is the default for a new constraint.
  if (!tokens.accept('WITH', 'CHECK') && tokens.is('WITH')) throw unsupported('ALTER TABLE … WITH NOCHECK');
  if (tokens.accept('ADD')) {
    const parts = parseTableParts(tokens);
    return define('ALTER TABLE', (execution) => alterTable(execution, table, parts));
  }
  throw unsupported(`ALTER TABLE … ${tokens.peek().key}`);
}

function parseTableParts(tokens: TokenStream): TableParts {
  const columns: ColumnDefinition[] = [];
  const constraints: ConstraintDefinition[] = [];
  do {
    if (tokens.is(')')) break;
    if (/^(CONSTRAINT|PRIMARY|UNIQUE|FOREIGN|CHECK)$/.test(tokens.peek().key))
      constraints.push(parseConstraint(tokens));
    else columns.push(parseColumn(tokens, constraints));
  } while (tokens.accept(','));
  return { columns, constraints };
}

function parseColumn(tokens: TokenStream, constraints: ConstraintDefinition[]): ColumnDefinition {
  const name = tokens.name();
  if (tokens.is('AS')) throw unsupported('A computed column');
  let column: ColumnDefinition = { name, type: parseDataType(tokens) };
  for (;;) {
    const constraint = tokens.accept('CONSTRAINT') ? { name: tokens.name() } : undefined;
    if (tokens.accept('NOT', 'NULL')) column = { ...column, nullable: false };
    else if (tokens.accept('NULL')) column = { ...column, nullable: true };
    else if (tokens.peek().key === 'IDENTITY') {
      tokens.next();
      const [seed = 1, increment = 1] = tokens.is('(') ? tokens.parenthesised(() => tokens.integer()) : [];
      column = { ...column, nullable: false, identity: { seed, increment } };
    } else if (tokens.accept('DEFAULT')) column = { ...column, defaultValue: parseExpression(tokens) };
    else if (!acceptCollation(tokens)) {
      const parsed = parseConstraintBody(tokens, [name]);
      if (parsed) constraints.push({ ...parsed, ...constraint });
      else if (constraint) tokens.fail();
      else return column;
    }
  }
}

function parseConstraint(tokens: TokenStream): ConstraintDefinition {
  const name = tokens.accept('CONSTRAINT') ? { name: tokens.name() } : {};
  return { ...(parseConstraintBody(tokens) ?? tokens.fail()), ...name };
}

/** @param column of a constraint that is part of a column's definition */
function parseConstraintBody(
  tokens: TokenStream,
  column?: readonly string[],
): ConstraintDefinition | undefined {
  const names = () =>
    tokens.parenthesised(() => {
      const name = tokens.name();
      tokens.acceptAny('ASC', 'DESC');
      return name;
    });
  const isKey = tokens.accept('PRIMARY', 'KEY');
  if (isKey || tokens.accept('UNIQUE')) {
    skipClustering(tokens);
    return { kind: isKey ? 'PRIMARY KEY' : 'UNIQUE', columns: column ?? names() };
  }
  if (tokens.is('CHECK')) throw unsupported('A CHECK constraint');
  const isForeign = tokens.accept('FOREIGN', 'KEY');
  if (!isForeign && !(column && tokens.is('REFERENCES'))) return undefined;
  const columns = column ?? names();
  tokens.expect('REFERENCES');
  const references = tokens.objectName();
  const referencedColumns = tokens.is('(') ? names() : [];
  skipRules(tokens);
  return { kind: 'FOREIGN KEY', columns, references, referencedColumns };
}

/** `NO ACTION` is the default. */
function skipRules(tokens: TokenStream): void {
  while (tokens.accept('ON')) {
    tokens.acceptAny('DELETE', 'UPDATE');
    if (!tokens.accept('NO', 'ACTION')) throw unsupported(`A foreign key with ${tokens.peek().key}`);
  }
}

export function parseDrop(tokens: TokenStream): Run {
  tokens.expect('DROP');
  const kind = tokens.acceptAny('DATABASE', 'TABLE');
  if (!kind) return parseDropPrincipal(tokens);
  const ifExists = tokens.accept('IF', 'EXISTS');
  if (kind === 'DATABASE') {
    const name = tokens.name();
    return simply((session) => dropDatabase(session, name, ifExists));
  }
  const table = tokens.objectName();
  return define('DROP TABLE', ({ session }) => dropTable(session, table, ifExists));
}
