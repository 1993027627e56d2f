import { unsupported } from '../../sql-error.ts';
import { parseTableParts } from './definitions.ts';
import { parseAlterPrincipal } from './security.ts';
import type { StatementBody } from './statements.ts';
import type { TokenStream } from './token-stream.ts';

export function parseAlter(tokens: TokenStream): StatementBody {
  tokens.expect('ALTER');
  if (tokens.accept('DATABASE')) return parseAlterDatabase(tokens);
  if (tokens.accept('TABLE')) return parseAlterTable(tokens);
  return parseAlterPrincipal(tokens);
}

function parseAlterDatabase(tokens: TokenStream): StatementBody {
  // CURRENT is written without quotes; a database of that name needs them.
  const name = tokens.peek().key === 'CURRENT' && tokens.next() ? '' : tokens.name();
  if (!tokens.accept('SET')) throw unsupported('ALTER DATABASE other than SET');
  const words: string[] = [];
  while (tokens.peek().kind === 'word' && (tokens.isName || tokens.is('ON')) && words.length < 2)
    words.push(tokens.next().key);
  if (words.length === 0) tokens.fail();
  const immediate = tokens.accept('WITH', 'ROLLBACK', 'IMMEDIATE');
  if (!immediate && tokens.accept('WITH')) tokens.expect('NO_WAIT');
  return { kind: 'alterDatabase', name, option: words.join(' '), immediate };
}

function parseAlterTable(tokens: TokenStream): StatementBody {
  const table = tokens.objectName();
  // WITH CHECK is the default for a new constraint.
  const check = tokens.accept('WITH', 'CHECK');
  if (!check && tokens.is('WITH')) throw unsupported('ALTER TABLE WITH NOCHECK');
  if (tokens.accept('ADD'))
    return { kind: 'alterTable', table, action: { kind: 'add', ...parseTableParts(tokens, false) } };
  if (tokens.accept('CHECK', 'CONSTRAINT')) {
    tokens.name();
    return { kind: 'alterTable', table, action: { kind: 'checkConstraints' } };
  }
  if (!tokens.accept('DROP')) throw unsupported(`ALTER TABLE … ${tokens.peek().key}`);
  const kind = tokens.accept('COLUMN') ? 'dropColumn' : 'dropConstraint';
  if (kind === 'dropConstraint') tokens.expect('CONSTRAINT');
  const ifExists = tokens.accept('IF', 'EXISTS');
  return { kind: 'alterTable', table, action: { kind, name: tokens.name(), ifExists } };
}
