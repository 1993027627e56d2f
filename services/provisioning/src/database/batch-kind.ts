import { readSql, sqlWords } from './sql-lexer.ts';

/** What provisioning does with a batch. */
export type BatchKind =
  | { readonly kind: 'run' }
  | { readonly kind: 'left-out' | 'refused'; readonly reason: string };

/** `USE name`, `USE [name]`; the hints of queries, `USE HINT` and `USE PLAN`, are others. */
const use = /\bUSE\s+(?!HINT\b|PLAN\b)(?:\[((?:[^\]]|\]\])+)\]|"([^"]+)"|([\w$#@]+))/gi;
/** Words of statements that a batch about databases alone has no need of. */
const contents = new Set([
  'TABLE',
  'INSERT',
  'UPDATE',
  'DELETE',
  'VIEW',
  'PROCEDURE',
  'PROC',
  'FUNCTION',
  'INDEX',
  'TRIGGER',
]);

/**
 * The database is made by provisioning, and never dropped: a batch that creates or drops databases is left out, as
 * scripts begin with such (the Chinook database's, for one). A batch that would go on in another database is refused.
 */
export function batchKind(sql: string, database: string): BatchKind {
  const words = sqlWords(sql);
  const managesDatabases = words.some(
    (word, index) => (word === 'CREATE' || word === 'DROP') && words[index + 1] === 'DATABASE',
  );
  if (managesDatabases) {
    return words.some((word) => contents.has(word))
      ? {
          kind: 'refused',
          reason: 'this batch creates or drops a database and does more: put a GO between the two.',
        }
      : { kind: 'left-out', reason: 'since the database is made by provisioning and never dropped.' };
  }
  for (const [, bracketed, quoted, plain] of statements(sql).matchAll(use)) {
    const target = bracketed?.replaceAll(']]', ']') ?? quoted ?? plain ?? '';
    if (target.toLowerCase() === database.toLowerCase()) continue;
    return {
      kind: 'refused',
      reason: `the script is for the database ${target}, not ${database}: configure that name, or change the script.`,
    };
  }
  return { kind: 'run' };
}

/** The text without comments and with empty strings. */
function statements(sql: string): string {
  return [...readSql(sql)]
    .map(({ kind, text }) => (kind === 'comment' ? ' ' : text.startsWith("'") ? "''" : text))
    .join('');
}

/**
 * Whether a batch does nothing but set options of its session, one or more in each line: `SET IDENTITY_INSERT t ON`,
 * `SET QUOTED_IDENTIFIER ON; SET ANSI_NULLS ON`. Such a batch may be run again at any time.
 */
export function setsSessionOnly(sql: string): boolean {
  const parts = statements(sql)
    .split(/[\n;]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return parts.length > 0 && parts.every((part) => /^SET\s+[A-Z_]+\s+[^=@]*$/i.test(part));
}
