import { databaseScript, quoteIdentifier, quoteText } from '@packages/contracts';
import { musicStoreScripts, splitBatches } from '@services/provisioning';
import type { Rehearsal } from './rehearsal.ts';

/**
 * Does what the owners of an existing SQL Server have already done: creates the database with the music store in it,
 * which web shows. Unless the provisioning function does it, their administrator has also let the logins in, with the
 * script that `npm run release -- database-script` prints.
 */
export async function prepareGivenDatabase(
  rehearsal: Rehearsal,
  report: (line: string) => void,
): Promise<void> {
  const { database, login, roles, provisioning, services } = rehearsal.names;
  const server = rehearsal.part('sqlServer');
  const [known] = await server.administer(`SELECT DB_ID(${quoteText(database)}) AS [id]`);
  if (known?.id === null) {
    const scripts = await musicStoreScripts();
    await server.administer(
      `CREATE DATABASE ${quoteIdentifier(database)}`,
      `USE ${quoteIdentifier(database)}`,
      ...scripts.flatMap(({ name, text }) => splitBatches(name, text).map(({ sql }) => sql)),
    );
  }
  report(`the database ${database} exists and contains the music store, as if others had created it`);
  if (provisioning === 'login') return;
  const logins = [
    { login, roles },
    ...services.map(({ login, service }) => ({ login, roles: service.roles })),
  ];
  for (const options of logins) {
    const script = databaseScript({ database, ...options });
    const checks = await server.administer(...splitBatches('script', script).map(({ sql }) => sql));
    const missing = checks.filter(({ ok }) => ok !== 1).map(({ check }) => String(check));
    if (missing.length > 0)
      throw new Error(`The script for ${database} has not created: ${missing.join(', ')}.`);
    report(
      `its administrator has run the script that lets ${options.login} in, and each of its checks says 1`,
    );
  }
}
