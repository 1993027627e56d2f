import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { givenServer } from '../database/given-server.ts';
import { prepareMicrosoftContainer } from '../database/microsoft-container.ts';
import type { Administrator, DatabaseServer } from '../database/server.ts';
import { standInServer } from '../database/stand-in-server.ts';
import type { Domain } from '../directory/domain.ts';
import { prepareGivenDatabase } from './given-database.ts';
import { secretsOf } from './given-user.ts';
import type { Rehearsal } from './rehearsal.ts';

/**
 * Starts SQL Server on address `.20` as a member of the domain: its service account holds the SPN, its keytab decrypts
 * the service tickets, and the domain resolves its name. The server is the stand-in or, if the settings name one, a
 * server of the user's. As with RDS, the administrator's password is in a secret.
 *
 * @throws Error that says why it does not answer
 */
export async function startDatabase(
  rehearsal: Rehearsal,
  report: (line: string) => void = () => {},
): Promise<void> {
  const { names, network, cleanUp } = rehearsal;
  const server = rehearsal.sqlServer ? await userServer(rehearsal, report) : await standIn(rehearsal);
  await secretsOf(rehearsal).create(names.adminSecret, JSON.stringify(server.administrator));
  await rehearsal.part('domain').addHost(names.sqlServer, network.address(20));
  await server.start();
  cleanUp.defer(() => server.stop());
  rehearsal.parts.sqlServer = server;
  if (names.provisioning !== 'all') await prepareGivenDatabase(rehearsal, report);
}

async function standIn(rehearsal: Rehearsal): Promise<DatabaseServer> {
  const { names, network, stateDirectory } = rehearsal;
  const { environment } = ownDomain(rehearsal);
  // A delivery starts from nothing. A database of an earlier rehearsal would hide what this one fails to create.
  await rm(join(stateDirectory, 'sql-server'), { recursive: true, force: true });
  const { keytab, renewKey } = await serviceAccount(rehearsal, [withoutRealm(names.spn)]);
  // The default name of the administrator on RDS.
  const administrator: Administrator = { username: 'admin', password: randomBytes(18).toString('base64url') };
  return standInServer({
    address: network.address(20),
    port: names.port,
    instance: names.instance,
    tlsName: names.tlsName,
    administrator,
    domain: names,
    keytab,
    renewKey,
    environment,
    stateDirectory,
    forceEncryption: true,
  });
}

/**
 * The server that `--sql-server` names. The user may start it after reading the instructions; the rehearsal then waits
 * for it.
 */
async function userServer(rehearsal: Rehearsal, report: (line: string) => void): Promise<DatabaseServer> {
  const { names, network, stateDirectory, sqlServer } = rehearsal;
  if (!sqlServer) throw new Error('The settings name no SQL Server.');
  const { target, administrator } = sqlServer;
  const domain = ownDomain(rehearsal);
  const { keytab, renewKey } = await serviceAccount(rehearsal, [withoutRealm(names.spn), ...ownSpn(target)]);
  const files = {
    folder: join(stateDirectory, 'given-sql-server'),
    target,
    tlsName: names.tlsName,
    account: names.serviceAccount,
    keytab,
    krb5Conf: domain.krb5Conf,
    domain: { name: domain.name, controller: domain.kdcs[0] ?? '' },
  };
  const { authorityFile, instructions } = await prepareMicrosoftContainer(files);
  report(
    `waiting for SQL Server at ${target.host}:${target.port}, as ${administrator.username}. ${instructions}`,
  );
  return givenServer({
    target,
    address: network.address(20),
    port: names.port,
    tlsName: names.tlsName,
    authorityFile: sqlServer.authorityFile ?? authorityFile,
    administrator,
    renewKey: async () => {
      await renewKey();
      await prepareMicrosoftContainer(files);
    },
    limit: 15 * 60_000,
  });
}

/** The domain that SQL Server is a member of. */
function ownDomain({ parts, part }: Rehearsal): Domain {
  return parts.serverDomain ?? part('domain');
}

/** The SPN as the account has it; clients of other realms append the realm. */
function withoutRealm(spn: string): string {
  return spn.split('@')[0] ?? spn;
}

/** The server is also known by its own name and port, unless its host is an IP address or localhost. */
function ownSpn({ host, port }: { readonly host: string; readonly port: number }): string[] {
  return /[a-z]/i.test(host) && host !== 'localhost' ? [`MSSQLSvc/${host}:${port}`] : [];
}

async function serviceAccount(rehearsal: Rehearsal, spns: readonly string[]) {
  const { names, stateDirectory } = rehearsal;
  const keytab = join(stateDirectory, 'sql-server.keytab');
  const renewKey = () =>
    ownDomain(rehearsal).createServiceAccount({ name: names.serviceAccount, spns, keytab, ownName: true });
  await renewKey();
  return { keytab, renewKey };
}
