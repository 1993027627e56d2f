import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Connection as TediousConnection } from 'tedious';
import { type ConnectionConfig, connect, createPool, kerberos, query } from 'tedious-kerberos';
import { connectAsAdministrator } from '../../local/database/administer.ts';
import { startKerberosSite } from '../../local/testing/kerberos-site.ts';
import { startSqlServerProcess } from '../../local/testing/sql-server.ts';
import { type Bench, type BenchContext, type Figure, figure } from './figure.ts';
import { comparePairwise, processorSeconds } from './tedious-kerberos/compare-pairwise.ts';

/** The cost of the authenticator and the pool, as ratios of two alternating measurements on the same server. */
const bench: Bench = {
  name: 'tedious-kerberos',
  async run(context) {
    context.progress('starting a domain and a server');
    const site = await startKerberosSite();
    const server = await startSqlServerProcess(site);
    try {
      await server.administer('CREATE LOGIN [CORP\\db-user] FROM WINDOWS');
      process.env.KRB5_CONFIG = site.domain.krb5Conf;
      process.env.KRB5CCNAME = await site.kinit('krbcache', { service: site.spn });
      const config: ConnectionConfig = {
        server: site.address,
        authenticator: kerberos({ spn: site.spn }),
        tls: { name: server.tlsName, ca: server.ca },
        options: { port: server.port },
      };
      const sqlLogin = () => connectAsAdministrator(server);
      return [
        ...(await logins(context, config, sqlLogin)),
        ...(await typescriptAndNative(context, config, site.spn)),
        ...(await poolOverhead(context, config)),
        ...(await memory(context, config)),
      ];
    } finally {
      await server.stop();
      await site.dispose();
    }
  },
};
export default bench;

async function logins(
  context: BenchContext,
  config: ConnectionConfig,
  sqlLogin: () => Promise<TediousConnection>,
): Promise<Figure[]> {
  context.progress('logins, by Kerberos and by SQL login in turns');
  const { ratio, first, second } = await comparePairwise({
    rounds: 30,
    first: () => repeat(20, 4, async () => (await connect(config)).close()),
    second: () => repeat(20, 4, async () => (await sqlLogin()).close()),
  });
  const cpu = await comparePairwise({
    rounds: 20,
    clock: processorSeconds,
    first: () => repeat(20, 1, async () => (await connect(config)).close()),
    second: () => repeat(20, 1, async () => (await sqlLogin()).close()),
  });
  return [
    figure('logins by Kerberos', 20 / first, 'per second'),
    figure('logins by SQL login', 20 / second, 'per second'),
    figure('login by Kerberos vs SQL login', ratio, 'ratio', '>=', 0.85),
    // Excludes the server's work, because the stand-in hashes passwords more slowly than SQL Server does.
    figure('processor time of the client, SQL login vs Kerberos', cpu.ratio, 'ratio'),
  ];
}

/**
 * Kerberos in TypeScript with channel binding, against the system library through npm `kerberos`, which cannot bind.
 */
async function typescriptAndNative(
  context: BenchContext,
  config: ConnectionConfig,
  spn: string,
): Promise<Figure[]> {
  context.progress('logins, in TypeScript and by the native library in turns');
  const native = { ...config, authenticator: kerberos({ spn, native: true }) };
  const login = (how: ConnectionConfig, atOnce: number) => () =>
    repeat(20, atOnce, async () => (await connect(how)).close());
  const { ratio, first, second } = await comparePairwise({
    rounds: 40,
    first: login(config, 4),
    second: login(native, 4),
  });
  const cpu = await comparePairwise({
    rounds: 30,
    clock: processorSeconds,
    first: login(config, 1),
    second: login(native, 1),
  });
  return [
    figure('logins in TypeScript', 20 / first, 'per second'),
    figure('logins by the native library', 20 / second, 'per second'),
    figure('logins in TypeScript vs native', ratio, 'ratio', '>=', 0.95),
    figure('processor time of the client, native vs TypeScript', cpu.ratio, 'ratio', '>=', 0.9),
  ];
}

/**
 * Compares the pool with a bare connection whose session is reset as often, and with one whose session is never reset.
 * The latter has no goal, because the server causes its cost.
 */
async function poolOverhead(context: BenchContext, config: ConnectionConfig): Promise<Figure[]> {
  context.progress('SELECT 1, through the pool and on a bare connection in turns');
  const pool = createPool({ connection: config, max: 1, validateAfterMilliseconds: 600_000 });
  const connection = await connect(config);
  connection.on('error', () => {});
  const bare = () => query(connection, 'SELECT 1 AS one');
  const reset = () => {
    connection.resetOnNextRequest();
    return bare();
  };
  const pooled = () => repeat(200, 1, () => pool.query('SELECT 1 AS one'));
  const alike = await comparePairwise({ rounds: 60, first: pooled, second: () => repeat(200, 1, reset) });
  const never = await comparePairwise({ rounds: 30, first: pooled, second: () => repeat(200, 1, bare) });
  connection.close();
  await pool.drain();
  return [
    figure('SELECT 1 through the pool', 200 / alike.first, 'per second'),
    figure('SELECT 1 on a bare connection', 200 / never.second, 'per second'),
    figure('overhead of the pool', (1 / alike.ratio - 1) * 100, '%', '<=', 5),
    figure('overhead of the pool and of the reset of sessions', (1 / never.ratio - 1) * 100, '%'),
  ];
}

/** Ten thousand logins. A leak shows in the heap; resident memory also grows in steps of the allocator. */
async function memory(context: BenchContext, config: ConnectionConfig): Promise<Figure[]> {
  context.progress('memory: 10000 logins in steps of 1000, the first of which warms up');
  const login = async () => (await connect(config)).close();
  const rounds: { resident: number; held: number }[] = [];
  for (let round = 0; round < 10; round += 1) {
    await repeat(1000, 10, login);
    rounds.push(await megabytes());
  }
  const shown = rounds.map(({ resident, held }) => `${resident.toFixed(0)} (${held.toFixed(1)})`);
  context.progress(`resident (held) after each 1000: ${shown.join(', ')} MB`);
  const steps = rounds.slice(1).map(({ resident }, index) => resident - (rounds[index]?.resident ?? 0));
  const held = ((rounds.at(-1)?.held ?? 0) - (rounds[0]?.held ?? 0)) / steps.length;
  return [
    figure('memory held per 1000 logins after the first 1000', held, 'MB', '<=', 0.1),
    figure('resident memory per 1000 logins, median', steps.sort((a, b) => a - b)[4] ?? 0, 'MB', '<=', 1),
    figure('resident memory after 10000 logins', rounds.at(-1)?.resident ?? 0, 'MB'),
  ];
}

async function megabytes(): Promise<{ resident: number; held: number }> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 4; round += 1) {
    collect();
    // Finalizers of native objects run in a separate turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { resident: rss / 1024 / 1024, held: (heapUsed + external) / 1024 / 1024 };
}

/** Does some work `count` times, `atOnce` at a time. */
async function repeat(count: number, atOnce: number, work: () => Promise<unknown>): Promise<void> {
  let left = count;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
