import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TicketStatus } from '@packages/contracts';
import { readCredentialCache } from 'tedious-kerberos';
import { type KerberosSite, startKerberosSite } from '../../../local/testing/kerberos-site.ts';
import { type ServiceProcess, startServiceProcess } from '../../../local/testing/service-process.ts';
import { type SqlServerProcess, startSqlServerProcess } from '../../../local/testing/sql-server.ts';

/** A domain, a SQL Server in it with the music database, and a way to start web services that log in with Kerberos. */
export interface MusicSite {
  readonly site: KerberosSite;
  /** Puts a ticket for the SQL Server where the web services look for one, as the sidecar does. */
  obtainTicket(lifetimeSeconds?: number): Promise<void>;
  startWeb(environment?: NodeJS.ProcessEnv): Promise<{ web: ServiceProcess; url: string }>;
  /** The environment of a web service here; it listens on any free port of 127.0.0.1. */
  readonly webEnvironment: NodeJS.ProcessEnv;
  administer(...statements: string[]): Promise<void>;
  /** Stops the SQL Server's process, as if it hung: it keeps its connections and answers nothing. */
  freeze(): void;
  thaw(): void;
  /** Ends the SQL Server and all its connections. */
  stopSqlServer(): Promise<void>;
  startSqlServer(): Promise<void>;
  dispose(): Promise<void>;
}

export const albumCount = 40;

const music = [
  'USE Music',
  'CREATE TABLE dbo.Artist (ArtistId INT PRIMARY KEY, Name NVARCHAR(120) NOT NULL)',
  'CREATE TABLE dbo.Album (AlbumId INT PRIMARY KEY, Title NVARCHAR(160) NOT NULL, ArtistId INT NOT NULL)',
  ...Array.from({ length: albumCount }, (_, i) => [
    `INSERT INTO dbo.Artist VALUES (${i}, N'Sigur Rós & Söhne ${i}')`,
    `INSERT INTO dbo.Album VALUES (${i}, N'The album with the number ${i}', ${i})`,
  ]).flat(),
  'CREATE USER [CORP\\db-user] FOR LOGIN [CORP\\db-user]',
  'CREATE ROLE album_reader',
  'GRANT SELECT ON dbo.Album TO album_reader',
  'GRANT SELECT ON dbo.Artist TO album_reader',
  'ALTER ROLE album_reader ADD MEMBER [CORP\\db-user]',
];

export async function startMusicSite(): Promise<MusicSite> {
  const site = await startKerberosSite();
  const folder = site.directory;
  const ccache = join(folder, 'krbcache');
  const ticketFile = join(folder, 'ticket.json');
  const webs = new Set<ServiceProcess>();
  const sqlServer: SqlServerProcess = await startSqlServerProcess(site);
  await sqlServer.administer('CREATE LOGIN [CORP\\db-user] FROM WINDOWS', 'CREATE DATABASE Music');
  await sqlServer.administer(...music);
  await writeFile(join(folder, 'ca.pem'), sqlServer.ca);

  const webEnvironment: NodeJS.ProcessEnv = {
    ...site.domain.environment,
    HOST: '127.0.0.1',
    PORT: '0',
    SQL_SERVER: site.host,
    SQL_DATABASE: 'Music',
    SQL_TLS_NAME: sqlServer.tlsName,
    SQL_TLS_CA_FILE: join(folder, 'ca.pem'),
    KRB5CCNAME: `FILE:${ccache}`,
    TICKET_STATUS_FILE: ticketFile,
    DRAIN_SECONDS: '0.2',
  };

  const musicSite: MusicSite = {
    webEnvironment,
    site,
    async obtainTicket(lifetime) {
      const options = lifetime === undefined ? {} : { lifetime };
      const fresh = await site.kinit('krbcache.new', { service: site.spn, ...options });
      const [ticket] = (await readCredentialCache(fresh)).tickets;
      if (!ticket) throw new Error('kinit gave no ticket.');
      await rename(fresh, ccache);
      await writeFile(
        `${ticketFile}.new`,
        JSON.stringify({
          state: 'healthy',
          principal: null,
          spn: site.spn,
          startsAt: ticket.startsAt.toISOString(),
          endsAt: ticket.endsAt.toISOString(),
          encryptionType: null,
          generation: 1,
          lastError: null,
        } satisfies TicketStatus),
      );
      await rename(`${ticketFile}.new`, ticketFile);
    },
    async startWeb(environment = {}) {
      const web = startServiceProcess('web', { ...webEnvironment, ...environment });
      webs.add(web);
      const { port } = await web.logged('listening');
      return { web, url: `http://127.0.0.1:${port}` };
    },
    async administer(...statements) {
      await sqlServer.administer(...statements);
    },
    freeze: () => sqlServer.suspend(),
    thaw: () => sqlServer.resume(),
    stopSqlServer: () => sqlServer.interrupt(),
    startSqlServer: () => sqlServer.start(),
    async dispose() {
      for (const web of webs) web.signal('SIGKILL');
      await Promise.all([...webs].map(({ exited }) => exited));
      await sqlServer.stop();
      await site.dispose();
    },
  };
  await musicSite.obtainTicket();
  return musicSite;
}
