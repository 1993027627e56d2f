import { type SqlServerOptions, startSqlServer } from './server.ts';

/**
 * Runs the SQL Server stand-in as a separate process, because KRB5_KTNAME and KRB5_CONFIG apply to a whole process. Its
 * options are JSON in the environment variable STAND_IN. It writes one JSON object per line; the event `listening` means
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
  // A failover: the connections end, or the clients receive nothing more.
  process.on('SIGUSR2', () => lose(false));
  process.on('SIGHUP', () => lose(true));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  log('listening', { address: server.address, port: server.port });
} catch (error) {
  process.stderr.write(
    `The SQL Server stand-in failed to start: ${error instanceof Error ? error.message : error}\n`,
  );
  process.exit(1);
}
