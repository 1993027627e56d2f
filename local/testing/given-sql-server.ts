import { readFile, writeFile } from 'node:fs/promises';
import { type GivenServerOptions, givenServer } from '../database/given-server.ts';
import type { DatabaseServer } from '../database/server.ts';
import { parseHostAndPort } from '../database/target.ts';

/** The server that tests use in place of the stand-in, according to the environment: see local/README.md. */
interface Given extends Pick<GivenServerOptions, 'target' | 'tlsName' | 'authorityFile' | 'administrator'> {
  /** Where the server looks for its keytab, which each test domain overwrites. */
  readonly keytab: string | undefined;
}

function fromEnvironment(): Given | undefined {
  const {
    TEST_SQL_SERVER: server,
    TEST_SQL_SERVER_CA: authorityFile,
    TEST_SQL_SERVER_ADMIN_PASSWORD: password,
    TEST_SQL_SERVER_ADMIN_USERNAME: username = 'sa',
    TEST_SQL_SERVER_KEYTAB: keytab,
  } = process.env;
  if (server === undefined) return undefined;
  const target = parseHostAndPort(server);
  if (!target) throw new Error(`TEST_SQL_SERVER is ${JSON.stringify(server)}; it must be <host>:<port>.`);
  if (!authorityFile || !password) {
    throw new Error(
      'With TEST_SQL_SERVER, TEST_SQL_SERVER_CA and TEST_SQL_SERVER_ADMIN_PASSWORD must be set, too.',
    );
  }
  const tlsName = process.env.TEST_SQL_SERVER_TLS_NAME ?? target.host;
  return { target, tlsName, authorityFile, administrator: { username, password }, keytab };
}

export const given = fromEnvironment();

/** A server for tests. */
export interface TestServer extends DatabaseServer {
  /** Ends all connections and accepts no more until `start`; keeps what the tests have created. */
  interrupt(): Promise<void>;
}

/**
 * The given server for one test file, or undefined if there is none and the stand-in is used. What the tests have
 * created is dropped by `stop`, but not by `interrupt`.
 *
 * @param keytab copied to the place where the server looks for it
 */
export async function givenTestServer(
  where: Pick<GivenServerOptions, 'address' | 'port' | 'renewKey'>,
  keytab?: string,
): Promise<TestServer | undefined> {
  if (!given) return undefined;
  const publish = async () => {
    if (keytab && given.keytab) await publishKeytab(keytab, given.keytab);
  };
  await publish();
  const { renewKey } = where;
  const server = givenServer({
    ...given,
    ...where,
    ...(renewKey && { renewKey: () => renewKey().then(publish) }),
  });
  await server.start();
  const before = await inventory(server);
  return {
    ...server,
    get port() {
      return server.port;
    },
    interrupt: () => server.stop(),
    async stop() {
      try {
        const after = await inventory(server);
        const created = (kind: keyof typeof after) =>
          after[kind].filter((name) => !before[kind].includes(name));
        await server.administer(
          'USE master',
          ...created('databases').map((name) => `DROP DATABASE [${name}]`),
          ...created('logins').map((name) => `DROP LOGIN [${name}]`),
        );
      } finally {
        await server.stop();
      }
    },
  };
}

/**
 * Writes a keytab to the place where a server looks for it. An existing file keeps its owner and mode, which suit the
 * server.
 */
export async function publishKeytab(keytab: string, place: string): Promise<void> {
  await writeFile(place, await readFile(keytab), { mode: 0o600 });
}

async function inventory(server: DatabaseServer) {
  const names = async (sql: string) => (await server.administer(sql)).map(({ name }) => String(name));
  return {
    databases: await names('SELECT name FROM sys.databases'),
    logins: await names("SELECT name FROM sys.server_principals WHERE type IN ('S', 'U')"),
  };
}
