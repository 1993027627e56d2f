import { readConfiguration } from './configuration.ts';
import { startSqlServer } from './server.ts';

/**
 * The SQL Server stand-in as a process of its own, as KRB5_KTNAME and KRB5_CONFIG hold for a whole process. Its settings
 * are the environment variables of `configuration.ts`. It writes one JSON object a line; the one with the event
 * `listening` says that clients can connect.
 */
const log = (event: string, details: Record<string, unknown>): void => {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...details })}\n`);
};

try {
  const server = await startSqlServer({ ...readConfiguration(process.env), log });
  const stop = () => {
    void server.stop().then(() => process.exit(0));
  };
  const lose = (silently: boolean) => {
    server.loseConnections({ silently });
    log('connections lost', { silently });
  };
  // A failover: the connections end, or the clients hear nothing more.
  process.on('SIGUSR2', () => lose(false));
  process.on('SIGHUP', () => lose(true));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  log('listening', { address: server.address, port: server.port, caFile: server.caFile });
} catch (error) {
  process.stderr.write(
    `The SQL Server stand-in does not start: ${error instanceof Error ? error.message : error}\n`,
  );
  process.exit(1);
}
