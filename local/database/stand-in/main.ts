import { type SqlServerOptions, startSqlServer } from './server.ts';

/**
 * The SQL Server stand-in as a process of its own, as KRB5_KTNAME and KRB5_CONFIG hold for a whole process. Its options are
 * in the environment variable STAND_IN, as JSON. It writes one JSON object a line; the one with the event `listening` says
 * that clients can connect.
 */
const log = (event: string, details: Record<string, unknown>): void => {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...details })}\n`);
};

try {
  const options: SqlServerOptions = JSON.parse(process.env.STAND_IN ?? '');
  const server = await startSqlServer({ ...options, log });
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
  log('listening', { address: server.address, port: server.port });
} catch (error) {
  process.stderr.write(
    `The SQL Server stand-in does not start: ${error instanceof Error ? error.message : error}\n`,
  );
  process.exit(1);
}
