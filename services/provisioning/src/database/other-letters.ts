import { ProvisioningError } from '../provisioning-error.ts';
import type { Script } from './script.ts';
import { splitBatches } from './split-batches.ts';
import { sqlTokens } from './sql-lexer.ts';
import { quoteText, type SqlSession } from './sql-session.ts';
import { TokenCursor } from './token-cursor.ts';

/**
 * Scripts are checked without regard to case, because most servers take `USE [music]` and `USE [Music]` for the same
 * database. If a script spells the database's name with different case, this asks the server, which compares by its own
 * collation, that of `master`.
 *
 * @throws ProvisioningError naming file and line, if they are two databases
 */
export async function refuseOtherLetters(
  session: SqlSession,
  scripts: readonly Script[],
  database: string,
): Promise<void> {
  const spelt = scripts.flatMap(({ name: file, text }) =>
    splitBatches(file, text).flatMap(({ sql, line }) =>
      otherLetters(sql, database).map((name) => ({ file, line, name })),
    ),
  );
  if (spelt.length === 0) return;
  await session.batch('USE [master]');
  for (const { file, line, name } of spelt) {
    const [answer] = await session.batch(
      `SELECT CASE WHEN ${quoteText(name)} = ${quoteText(database)} THEN 1 ELSE 0 END AS [same]`,
    );
    if (answer?.same === 1) continue;
    throw new ProvisioningError(
      `${file}, line ${line}: the database is configured as ${database}, but on this server, which tells upper from lower case, ` +
        `${name} is another one: configure that name, or change the script.`,
    );
  }
}

/** How many tokens to check after `USE` or `DATABASE`: enough for a list of databases to drop. */
const longest = 60;

/** The names after `USE` and `DATABASE` in a batch that differ from `database` only in case. */
export function otherLetters(sql: string, database: string): string[] {
  const tokens = sqlTokens(sql);
  const found = tokens.flatMap(({ kind, text }, index) => {
    if (kind !== 'word' || (text !== 'USE' && text !== 'DATABASE')) return [];
    const cursor = new TokenCursor(tokens.slice(index + 1, index + longest));
    cursor.words('IF', 'EXISTS');
    const names: string[] = [];
    do names.push(cursor.name() ?? '');
    while (cursor.symbol(','));
    return names.filter((name) => name !== database && name.toLowerCase() === database.toLowerCase());
  });
  return [...new Set(found)];
}
