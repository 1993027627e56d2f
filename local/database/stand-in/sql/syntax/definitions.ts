import { unsupported } from '../../sql-error.ts';
import { parseDataType, parseExpression } from './expressions.ts';
import { parseCreatePrincipal, parseDropPrincipal } from './security.ts';
import type { ColumnDefinition, ConstraintDefinition, StatementBody } from './statements.ts';
import type { TokenStream } from './token-stream.ts';

export function parseCreate(tokens: TokenStream): StatementBody {
  tokens.expect('CREATE');
  if (tokens.accept('DATABASE')) return parseCreateDatabase(tokens);
  if (tokens.accept('SCHEMA')) {
    const name = tokens.name();
    return {
      kind: 'createSchema',
      name,
      ...(tokens.accept('AUTHORIZATION') ? { owner: tokens.name() } : {}),
    };
  }
  if (tokens.accept('TABLE')) {
    const table = tokens.objectName();
    const parts = parseTableParts(tokens, true);
    return { kind: 'createTable', table, ...parts };
  }
  const unique = tokens.accept('UNIQUE');
  tokens.acceptAny('CLUSTERED', 'NONCLUSTERED');
  if (tokens.accept('INDEX')) return parseIndex(tokens, unique);
  if (unique) tokens.fail();
  return parseCreatePrincipal(tokens);
}

function parseCreateDatabase(tokens: TokenStream): StatementBody {
  const name = tokens.name();
  if (tokens.accept('COLLATE')) {
    const collation = tokens.name();
    if (!/_CI_AS/i.test(collation)) throw unsupported(`The collation ${collation}`);
  }
  if (tokens.is('ON') || tokens.is('WITH')) throw unsupported('CREATE DATABASE with options');
  return { kind: 'createDatabase', name };
}

function parseIndex(tokens: TokenStream, unique: boolean): StatementBody {
  const name = tokens.name();
  tokens.expect('ON');
  const table = tokens.objectName();
  const columns = tokens.parenthesised(() => {
    const column = tokens.name();
    return { name: column, descending: tokens.acceptAny('ASC', 'DESC') === 'DESC' };
  });
  // Further columns in the leaves of an index change speed, not results.
  if (tokens.accept('INCLUDE')) tokens.parenthesised(() => tokens.name());
  if (tokens.is('WHERE')) throw unsupported('A filtered index');
  return { kind: 'createIndex', name, unique, table, columns };
}

/** Columns and table constraints, in parentheses for CREATE TABLE, bare for ALTER TABLE … ADD. */
export function parseTableParts(tokens: TokenStream, inParentheses: boolean) {
  const columns: ColumnDefinition[] = [];
  const constraints: ConstraintDefinition[] = [];
  if (inParentheses) tokens.expect('(');
  do {
    if (inParentheses && tokens.is(')')) break;
    if (/^(CONSTRAINT|PRIMARY|UNIQUE|FOREIGN|CHECK)$/.test(tokens.peek().key))
      constraints.push(parseConstraint(tokens));
    else parseColumn(tokens, columns, constraints);
  } while (tokens.accept(','));
  if (inParentheses) tokens.expect(')');
  return { columns, constraints };
}

function parseColumn(
  tokens: TokenStream,
  columns: ColumnDefinition[],
  constraints: ConstraintDefinition[],
): void {
  const name = tokens.name();
  if (tokens.is('AS')) throw unsupported('A computed column');
  let column: ColumnDefinition = { name, type: parseDataType(tokens) };
  for (;;) {
    const constraint = tokens.accept('CONSTRAINT') ? tokens.name() : undefined;
    const named = constraint === undefined ? {} : { name: constraint };
    if (tokens.accept('NOT', 'NULL')) column = { ...column, nullable: false };
    else if (tokens.accept('NULL')) column = { ...column, nullable: true };
    else if (tokens.peek().key === 'IDENTITY')
      column = { ...column, nullable: false, identity: parseIdentity(tokens) };
    else if (tokens.accept('DEFAULT')) {
      const expression = parseExpression(tokens);
      column = {
        ...column,
        defaultValue: { expression, ...(constraint === undefined ? {} : { constraint }) },
      };
    } else if (tokens.accept('PRIMARY', 'KEY')) {
      tokens.acceptAny('CLUSTERED', 'NONCLUSTERED');
      constraints.push({ kind: 'PRIMARY KEY', columns: [name], ...named });
    } else if (tokens.accept('UNIQUE')) {
      tokens.acceptAny('CLUSTERED', 'NONCLUSTERED');
      constraints.push({ kind: 'UNIQUE', columns: [name], ...named });
    } else if (tokens.is('REFERENCES') || tokens.accept('FOREIGN', 'KEY')) {
      constraints.push({ ...parseReferences(tokens, [name]), ...named });
    } else if (tokens.accept('CHECK')) {
      constraints.push({ kind: 'CHECK', expression: parseParenthesised(tokens), ...named });
    } else if (tokens.accept('COLLATE')) {
      const collation = tokens.name();
      if (!/_CI_AS/i.test(collation)) throw unsupported(`The collation ${collation}`);
    } else {
      if (constraint !== undefined) tokens.fail();
      break;
    }
  }
  columns.push(column);
}

function parseIdentity(tokens: TokenStream): { seed: number; increment: number } {
  tokens.next();
  if (!tokens.is('(')) return { seed: 1, increment: 1 };
  const [seed = 1, increment = 1] = tokens.parenthesised(() => tokens.integer());
  return { seed, increment };
}

function parseConstraint(tokens: TokenStream): ConstraintDefinition {
  const named = tokens.accept('CONSTRAINT') ? { name: tokens.name() } : {};
  if (tokens.accept('FOREIGN', 'KEY')) {
    return {
      ...parseReferences(
        tokens,
        tokens.parenthesised(() => tokens.name()),
      ),
      ...named,
    };
  }
  if (tokens.accept('CHECK')) return { kind: 'CHECK', expression: parseParenthesised(tokens), ...named };
  const kind = tokens.accept('PRIMARY', 'KEY') ? 'PRIMARY KEY' : 'UNIQUE';
  if (kind === 'UNIQUE') tokens.expect('UNIQUE');
  tokens.acceptAny('CLUSTERED', 'NONCLUSTERED');
  const columns = tokens.parenthesised(() => {
    const column = tokens.name();
    tokens.acceptAny('ASC', 'DESC');
    return column;
  });
  return { kind, columns, ...named };
}

function parseParenthesised(tokens: TokenStream) {
  tokens.expect('(');
  const expression = parseExpression(tokens);
  tokens.expect(')');
  return expression;
}

function parseReferences(tokens: TokenStream, columns: readonly string[]) {
  tokens.expect('REFERENCES');
  const references = tokens.objectName();
  const referencedColumns = tokens.is('(') ? tokens.parenthesised(() => tokens.name()) : [];
  let rules: { onDelete?: string; onUpdate?: string } = {};
  while (tokens.accept('ON')) {
    const event = tokens.acceptAny('DELETE', 'UPDATE');
    if (!event) tokens.fail();
    const rule = parseRule(tokens);
    rules = event === 'DELETE' ? { ...rules, onDelete: rule } : { ...rules, onUpdate: rule };
  }
  return { kind: 'FOREIGN KEY', columns, references, referencedColumns, ...rules } as const;
}

function parseRule(tokens: TokenStream): string {
  if (tokens.accept('NO', 'ACTION')) return 'NO ACTION';
  if (tokens.accept('CASCADE')) return 'CASCADE';
  if (tokens.accept('SET', 'NULL')) return 'SET NULL';
  tokens.expect('SET', 'DEFAULT');
  return 'SET DEFAULT';
}

export function parseDrop(tokens: TokenStream): StatementBody {
  tokens.expect('DROP');
  const kind = tokens.acceptAny('DATABASE', 'SCHEMA', 'TABLE', 'INDEX');
  if (!kind) return parseDropPrincipal(tokens);
  const ifExists = tokens.accept('IF', 'EXISTS');
  switch (kind) {
    case 'DATABASE':
      return { kind: 'dropDatabase', names: tokens.list(() => tokens.name()), ifExists };
    case 'SCHEMA':
      return { kind: 'dropSchema', name: tokens.name(), ifExists };
    case 'TABLE':
      return { kind: 'dropTable', tables: tokens.list(() => tokens.objectName()), ifExists };
    default: {
      const name = tokens.name();
      tokens.expect('ON');
      return { kind: 'dropIndex', name, table: tokens.objectName(), ifExists };
    }
  }
}
