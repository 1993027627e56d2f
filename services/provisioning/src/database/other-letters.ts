import { ProvisioningError } from '../provisioning-error.ts';
import type { Script } from './script.ts';
import { splitBatches } from './split-batches.ts';
import { sqlTokens } from './sql-lexer.ts';
import { quoteText, type SqlSession } from './sql-session.ts';
import { TokenCursor } from './token-cursor.ts';

/**
 * Scripts are looked at as on most servers, which take `USE [music]` and `USE [Music]` for one. Where a script has the name
 * of the database in other letters, the server is asked, by its own collation, which is that of `master`.
 *
 * @throws ProvisioningError naming file and line, where they are two databases
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
      `${file}, line ${line}: the database is configured as ${database}, and on this server, which tells upper from lower case, ` +
        `${name} is another one: configure that name, or change the script.`,
    );
  }
}

/** Tokens that are looked at behind `USE` or `DATABASE`: a list of databases to drop. */
const longest = 60;

/** How a batch names the database behind `USE` and `DATABASE`, where that differs in its letters from `database`. */
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
