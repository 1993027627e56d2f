import { noteTables } from './applied-batches.ts';
import { databaseStatements } from './database-statements.ts';
import { definedModule } from './defined-module.ts';
import { asksOfEarlierBatch } from './earlier-batch.ts';
import { groundTaken, shutsOut } from './ground-taken.ts';
import { takeSetting } from './session-settings.ts';
import { type SqlToken, sqlTokens } from './sql-lexer.ts';
import { TokenCursor } from './token-cursor.ts';

/** What provisioning does with a batch. */
export type BatchKind =
  | { readonly kind: 'run' }
  | { readonly kind: 'left-out' | 'refused'; readonly reason: string };

/**
 * With these words, `CREATE DATABASE …` makes something within a database. Just one of them may be a name, such as that
 * of a database `Audit`.
 */
const withinDatabase: ReadonlySet<string> = new Set([
  'SCOPED CREDENTIAL',
  'AUDIT SPECIFICATION',
  'ENCRYPTION KEY',
]);
/** After one of these, `CREATE DATABASE` is the name of a permission. */
const beforePermission: ReadonlySet<string> = new Set(['GRANT', 'DENY', 'REVOKE', 'FOR', ',']);
const systemDatabases: ReadonlySet<string> = new Set(['master', 'model', 'msdb', 'tempdb']);

/**
 * Provisioning makes the database and never drops it. A batch that does nothing but make or drop it is left out,
 * because scripts begin with such batches (the Chinook database's, for one). A batch is refused if it does so and more,
 * makes or drops another database, would continue in another one, or would disturb what follows it. Everything else is
 * run.
 */
export function batchKind(sql: string, database: string): BatchKind {
  const tokens = sqlTokens(sql);
  // The text of a procedure is not run when the procedure is made.
  if (definedModule(tokens) !== undefined) return { kind: 'run' };
  if (managesDatabases(tokens)) return kindOfManagement(tokens, database);
  const other = usedDatabases(tokens).find((used) => !same(used, database));
  if (other !== undefined && systemDatabases.has(other.toLowerCase())) {
    return {
      kind: 'refused',
      reason: `provisioning works only in ${database}, not in ${other}: remove this USE and the statements meant for ${other}.`,
    };
  }
  if (other !== undefined) {
    return {
      kind: 'refused',
      reason: `the script is for the database ${other}, not ${database}: configure that name, or change the script.`,
    };
  }
  const reason = refusal(tokens, database);
  return reason === undefined ? { kind: 'run' } : { kind: 'refused', reason };
}

/** Why a batch would keep the batches after it, or provisioning itself, from working; `undefined` if it would not. */
function refusal(tokens: readonly SqlToken[], database: string): string | undefined {
  if (actsAsAnother(tokens)) {
    return (
      'acting as another user (EXECUTE AS, SETUSER, an application role) ends with the session, which may be cut off: ' +
      'write REVERT, SETUSER or sp_unsetapprole in the same batch.'
    );
  }
  const taken = groundTaken(tokens, database);
  if (taken !== undefined) {
    return (
      `${taken} takes the database away from the batches after it, and from provisioning, which makes it and grants ` +
      'rights in it: remove it.'
    );
  }
  if (shutsOut(tokens, database)) {
    return (
      'this batch locks others out of the database, but the DROP DATABASE it may be meant for is left out: remove it, ' +
      'or move it into the batch that drops the database.'
    );
  }
  const implicit = beginsTransactionsByItself(tokens);
  if (implicit !== undefined) {
    return (
      `with SET ${implicit} ON each statement begins a transaction, also those with which provisioning records its work: ` +
      'remove it, and write BEGIN TRANSACTION and COMMIT TRANSACTION where you want one.'
    );
  }
  if (touchesNotes(tokens)) {
    return (
      'the tables of the schema provisioning record what was done, so that a script is applied once: leave them ' +
      'alone.'
    );
  }
  const asked = asksOfEarlierBatch(tokens);
  if (asked !== undefined) {
    return (
      `provisioning records its work between the batches, so ${asked} says nothing about the batch before: write it into ` +
      'the batch that it refers to.'
    );
  }
  const [set, option, on] = tokens.filter(({ text }) => text !== ';');
  if (isWord(set, 'SET') && isWord(on, 'ON') && switchesExecutionOff(option)) {
    return `with SET ${option?.text} ON the server runs none of the statements that follow: remove it.`;
  }
  return undefined;
}

/** Whether a batch names one of the tables in which provisioning records what it has done. */
function touchesNotes(tokens: readonly SqlToken[]): boolean {
  const name = (token: SqlToken | undefined) =>
    token?.kind === 'word' || token?.kind === 'name' ? token.text.toUpperCase() : '';
  return tokens.some(
    (token, at) =>
      name(token) === 'PROVISIONING' &&
      tokens[at + 1]?.text === '.' &&
      noteTables.some((table) => table.toUpperCase() === name(tokens[at + 2])),
  );
}

/** Whether a batch may have switched the execution of batches off (`IF @@ERROR <> 0 SET NOEXEC ON`). */
export function maySwitchExecutionOff(sql: string): boolean {
  return sqlTokens(sql).some(switchesExecutionOff);
}

/** The option that leaves implicit transactions on after the batch; `ANSI_DEFAULTS` switches them on among others. */
function beginsTransactionsByItself(tokens: readonly SqlToken[]): string | undefined {
  const last = tokens.findLastIndex(
    ({ kind, text }) => kind === 'word' && /^(IMPLICIT_TRANSACTIONS|ANSI_DEFAULTS)$/.test(text),
  );
  // The list may contain other options: SET IMPLICIT_TRANSACTIONS, NOCOUNT ON.
  const value = tokens
    .slice(last + 1)
    .find(({ text }, at, rest) => text !== ',' && rest[at - 1]?.text !== ',');
  return last !== -1 && isWord(value, 'ON') ? tokens[last]?.text : undefined;
}

function switchesExecutionOff(token: SqlToken | undefined): boolean {
  return token?.kind === 'word' && /^(NOEXEC|PARSEONLY|FMTONLY|SHOWPLAN_(TEXT|ALL|XML))$/.test(token.text);
}

/**
 * Whether a batch only sets options of its session: `SET IDENTITY_INSERT t ON`, `SET QUOTED_IDENTIFIER, ANSI_NULLS ON`,
 * `USE` of the database itself. Such a batch may be run again at any time.
 */
export function setsSessionOnly(sql: string, database?: string): boolean {
  const cursor = new TokenCursor(sqlTokens(sql));
  if (cursor.atEnd) return false;
  while (!cursor.atEnd) {
    if (cursor.symbol(';')) continue;
    if (database !== undefined && cursor.words('USE')) {
      if (!same(cursor.name() ?? '', database)) return false;
    } else if (!takeSetting(cursor)) return false;
  }
  return true;
}

/** Whether a batch says which table takes explicit identities: `only` if it sets nothing else. */
export function setsIdentityInsert(sql: string): 'only' | 'too' | undefined {
  const tokens = sqlTokens(sql);
  const count = (word: string) => tokens.filter((token) => isWord(token, word)).length;
  if (count('IDENTITY_INSERT') === 0) return undefined;
  return count('IDENTITY_INSERT') === count('SET') ? 'only' : 'too';
}

function managesDatabases(tokens: readonly SqlToken[]): boolean {
  const isPlain = (token: SqlToken | undefined) => token?.kind === 'word' || token?.kind === 'symbol';
  return tokens.some((token, index) => {
    if (!(isWord(token, 'CREATE') || isWord(token, 'DROP')) || !isWord(tokens[index + 1], 'DATABASE'))
      return false;
    const [before, ...behind] = [index - 1, index + 2, index + 3].map((at) => tokens[at]);
    if (behind.every(isPlain) && withinDatabase.has(behind.map((next) => next?.text).join(' '))) return false;
    return !(isPlain(before) && beforePermission.has(before?.text ?? ''));
  });
}

function kindOfManagement(tokens: readonly SqlToken[], database: string): BatchKind {
  const whole = databaseStatements(new TokenCursor(tokens));
  if (!whole) {
    return {
      kind: 'refused',
      reason:
        'this batch creates or drops a database and does more, or does it in a way that provisioning does not understand: put a GO ' +
        'between the two, or leave the database to provisioning.',
    };
  }
  const other = whole.databases.find((name) => !same(name, database));
  return other === undefined
    ? { kind: 'left-out', reason: 'because provisioning makes the database and never drops it.' }
    : {
        kind: 'refused',
        reason: `this batch creates, drops or changes the database ${other}, not ${database}: configure that name, or change the script.`,
      };
}

/** The databases of its `USE` statements; query hints, `OPTION (USE HINT (…))`, are in parentheses and do not count. */
function usedDatabases(tokens: readonly SqlToken[]): string[] {
  let depth = 0;
  return tokens.flatMap((token, index) => {
    if (token.kind === 'symbol' && token.text === '(') depth += 1;
    if (token.kind === 'symbol' && token.text === ')') depth -= 1;
    const next = tokens[index + 1];
    return depth === 0 && isWord(token, 'USE') && (next?.kind === 'word' || next?.kind === 'name')
      ? [next.written]
      : [];
  });
}

/** Older ways to act as another user, and how each is undone. */
const olderWays: Readonly<Record<string, string>> = { SETUSER: 'SETUSER', SP_SETAPPROLE: 'SP_UNSETAPPROLE' };

/**
 * Whether the session still acts as another user when the batch ends. After `WITH NORESET`, `SETUSER` cannot undo it.
 */
function actsAsAnother(tokens: readonly SqlToken[]): boolean {
  if (tokens.some((token) => isWord(token, 'NORESET'))) return true;
  const older = tokens.findIndex((token) => calledName(token) in olderWays);
  const back = older === -1 ? '' : olderWays[calledName(tokens[older])];
  if (older !== -1 && !tokens.slice(older + 1).some((token) => calledName(token) === back)) {
    return tokens[older + 1] !== undefined && tokens[older + 1]?.text !== ';';
  }
  return executesAs(tokens);
}

/** The statement or procedure that a token may call; a procedure's name may be quoted, a statement may not. */
function calledName(token: SqlToken | undefined): string {
  const name = token?.kind === 'word' || token?.kind === 'name' ? token.text.toUpperCase() : '';
  return token?.kind === 'word' || name.startsWith('SP_') ? name : '';
}

/**
 * Whether the last `EXECUTE AS USER = …` lacks a later `REVERT`; `WITH EXECUTE AS OWNER` is an option of a procedure.
 */
function executesAs(tokens: readonly SqlToken[]): boolean {
  const begins = tokens.findLastIndex(
    (token, index) =>
      (isWord(token, 'EXECUTE') || isWord(token, 'EXEC')) &&
      isWord(tokens[index + 1], 'AS') &&
      (isWord(tokens[index + 2], 'USER') || isWord(tokens[index + 2], 'LOGIN')),
  );
  // `WITH NO REVERT` forbids reverting.
  const reverts = (token: SqlToken, at: number) => isWord(token, 'REVERT') && !isWord(tokens[at - 1], 'NO');
  return begins !== -1 && tokens.findLastIndex(reverts) < begins;
}

function isWord(token: SqlToken | undefined, text: string): boolean {
  return token?.kind === 'word' && token.text === text;
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
