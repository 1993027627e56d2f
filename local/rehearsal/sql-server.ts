import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { logTail, startProcess } from '../processes/managed-process.ts';
import { within } from '../processes/within.ts';
import { secretsOf } from './provisioning.ts';
import type { World } from './world.ts';

/** RDS names the administrator so by default. */
const administrator = 'admin';

/**
 * Starts the SQL Server stand-in on address `.20`, joined to the domain: its service account holds the SPN, its keytab
 * opens the tickets, and the domain resolves its name.
 * As RDS does, it keeps its administrator's password in a secret.
 *
 * @throws Error with the end of the log when it does not listen within 20 s
 */
export async function startDatabase(world: World): Promise<void> {
  const { names, network, stateDirectory, cleanUp } = world;
  const password = randomBytes(18).toString('base64url');
  await secretsOf(world).create(names.adminSecret, JSON.stringify({ username: administrator, password }));
  const domain = world.part('domain');
  const address = network.address(20);
  const folder = join(stateDirectory, 'sql-server');
  // A delivery starts from nothing; what an earlier rehearsal left would hide what this one forgets to make.
  await rm(folder, { recursive: true, force: true });
  const keytab = join(stateDirectory, 'sql-server.keytab');
  await domain.createServiceAccount({ name: names.instance, spns: [names.spn], keytab });
  await domain.addHost(names.instance, address);

  // A log of an earlier start would say that it listens.
  const logFile = join(stateDirectory, 'logs', 'sql-server.log');
  await rm(logFile, { force: true });
  const server = await startProcess({
    name: 'sql-server',
    command: process.execPath,
    args: [
      '--disable-warning=ExperimentalWarning',
      join(import.meta.dirname, '..', 'database', 'stand-in', 'main.ts'),
    ],
    environment: {
      PATH: process.env.PATH,
      ...domain.environment,
      SQL_SERVER_ADDRESS: address,
      SQL_SERVER_INSTANCE: names.instance,
      SQL_SERVER_TLS_NAME: names.tlsName,
      SQL_SERVER_CERTIFICATE_DIRECTORY: join(folder, 'tls'),
      SQL_SERVER_STORAGE_DIRECTORY: join(folder, 'data'),
      SQL_SERVER_KEYTAB: keytab,
      SQL_SERVER_REALM: names.realm,
      SQL_SERVER_NETBIOS_NAME: names.netbiosName,
      SQL_SERVER_ADMIN_USERNAME: administrator,
      SQL_SERVER_ADMIN_PASSWORD: password,
      SQL_SERVER_FORCE_ENCRYPTION: 'true',
    },
    stateDirectory,
    logFile,
  });
  cleanUp.defer(() => server.stop());
  let caFile: string | undefined;
  await within(20_000, async () => {
    caFile = await certificateAuthority(server.logFile);
    return !server.running || caFile !== undefined;
  });
  if (!caFile) {
    await server.stop();
    throw new Error(
      `The SQL Server stand-in did not start on ${address}:1433.\n${logTail(server.logFile, 5)}`,
    );
  }
  world.parts.sqlServer = { caFile };
}

/** The stand-in says in its log that it listens, and where its certificate authority is. */
async function certificateAuthority(logFile: string): Promise<string | undefined> {
  const lines = (await readFile(logFile, 'utf8')).split('\n').filter((line) => line.includes('"listening"'));
  return lines.length > 0 ? JSON.parse(lines.at(-1) as string).caFile : undefined;
}
