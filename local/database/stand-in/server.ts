import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { serverCertificate } from '../certificates.ts';
import type { Administrator } from '../server.ts';
import { Instance } from './sql/engine/instance.ts';
import { serveConnection } from './tds/connection.ts';
import type { ServerContext } from './tds/log-in.ts';
import { MessageChannel } from './tds/message-channel.ts';

export interface SqlServerOptions {
  readonly address: string;
  /** Default 1433; 0 selects a free port. */
  readonly port?: number;
  /** Name of the instance, which `@@SERVERNAME` returns. */
  readonly instance: string;
  /** The DNS name in the certificate, which on RDS differs from the host name in the directory. */
  readonly tlsName: string;
  /** Folder for the certificate, its key and the CA; default: a folder that is deleted when the server stops. */
  readonly certificateDirectory?: string;
  /** Folder for the databases; default: a folder that is deleted when the server stops. */
  readonly storageDirectory?: string;
  readonly administrator: Administrator;
  /** Keytab of the service account; without it Windows logins are refused. It is set for the whole process. */
  readonly keytab?: string;
  readonly domain?: { readonly realm: string; readonly netbiosName: string };
  /** Refuse clients without TLS, as RDS does with `rds.force_ssl`. Default: false. */
  readonly forceEncryption?: boolean;
  /** Whether GSSAPI's last token is sent together with the login acknowledgement or in a message before it. */
  readonly sspiToken?: 'with-login' | 'before-login';
  /** Redirects clients after their login, MS-TDS "Routing". */
  readonly routeTo?: { readonly server: string; readonly port: number };
  readonly log?: (event: string, details: Record<string, unknown>) => void;
}

export interface SqlServer {
  readonly address: string;
  readonly port: number;
  /** File with the CA that clients have to trust, PEM. */
  readonly caFile: string;
  /**
   * Drops all connections, as a failover does, and keeps listening.
   *
   * @param silently do not tell the clients, as when the host dies: they receive nothing more
   */
  loseConnections(options?: { silently?: boolean }): void;
  /** Stops the server and deletes its temporary folders. */
  stop(): Promise<void>;
}

/** Starts a SQL Server stand-in; resolves when it listens, rejects when it cannot. */
export async function startSqlServer(options: SqlServerOptions): Promise<SqlServer> {
  const { address, instance: name, keytab, domain, administrator, log = () => {} } = options;
  const own = mkdtempSync(join(tmpdir(), 'sql-server-'));
  const { storageDirectory: storage = join(own, 'data'), certificateDirectory = join(own, 'tls') } = options;
  const { key, certificate, caFile } = await serverCertificate(certificateDirectory, options.tlsName);
  const netbiosName = domain?.netbiosName ?? 'WORKGROUP';
  const instance = new Instance({ name, netbiosName, directory: storage, administrator });
  if (keytab !== undefined) {
    // MIT Kerberos reads both from the environment: the keytab, and the replay cache.
    process.env.KRB5_KTNAME = `FILE:${keytab}`;
    process.env.KRB5RCACHENAME = `file2:${join(storage, 'replay-cache')}`;
  }
  const connections = new Map<Socket, MessageChannel>();
  const server = createServer((socket) => {
    const channel = new MessageChannel(socket);
    connections.set(socket, channel);
    socket.once('close', () => connections.delete(socket));
    void serveConnection(channel, socket, context);
  });
  const port = await listen(server, address, options.port ?? 1433);
  const context: ServerContext = {
    ...options,
    name,
    instance,
    // TLS inside TDS goes up to 1.2: TLS 1.3 sends messages after its handshake that do not fit into PRELOGIN packets.
    tunnelled: createSecureContext({ key, cert: certificate, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }),
    strict: createSecureContext({ key, cert: certificate, minVersion: 'TLSv1.2' }),
    domain: keytab === undefined ? undefined : domain,
    log,
  };
  const loseConnections = ({ silently = false } = {}) => {
    for (const [socket, channel] of connections) {
      if (silently) channel.fallSilent();
      else socket.destroy();
    }
    if (silently) instance.endSessions();
  };
  return {
    address,
    port,
    caFile,
    loseConnections,
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      loseConnections();
      await closed;
      instance.close();
      rmSync(own, { recursive: true, force: true });
    },
  };
}

async function listen(server: Server, address: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });
  const bound = server.address();
  return typeof bound === 'object' && bound ? bound.port : port;
}
