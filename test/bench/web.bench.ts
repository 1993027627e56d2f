import { startForwarder } from '../../local/database/forwarder.ts';
import { startLoadBalancer } from '../../local/load-balancer/load-balancer.ts';
import { within } from '../../local/processes/within.ts';
import { startSqlServerProcess } from '../../local/testing/sql-server.ts';
import { type MusicSite, startMusicSite } from '../../services/web/test/music-site.ts';
import { type Bench, type BenchContext, type Figure, figure } from './figure.ts';
import { comparePairwise } from './tedious-kerberos/compare-pairwise.ts';
import { HttpLoad, type HttpTarget } from './web/http-load.ts';
import { overload } from './web/overload.ts';
import { type RawLoop, startRawLoop, startWebTask } from './web/processes.ts';

const clients = 50;
const requests = 300;
const rounds = 15;

/**
 * Measures first the cost of the web service, then its behaviour under overload. 50 clients request it through the load
 * balancer and directly. It is compared with a process that only queries the database for the same albums through the
 * same pool. All log in by Kerberos and take turns on the same server. The page queries the database twice, the API and
 * the raw loop once.
 */
const bench: Bench = {
  name: 'web',
  async run(context) {
    context.progress('starting a domain, a server, two web services and a load balancer');
    await using cleanUp = new AsyncDisposableStack();
    const music = await startMusicSite();
    cleanUp.defer(() => music.dispose());
    const { site, webEnvironment } = music;
    const address = (number: number) => site.address.replace(/\d+$/, String(number));
    const backends = [];
    for (const number of [31, 32]) {
      const environment = { ...webEnvironment, HOST: address(number), PORT: '8080', POOL_MIN: '10' };
      const task = await startWebTask(`task-${number}`, environment, site.directory);
      cleanUp.defer(() => task.stop());
      backends.push({ name: `task-${number}`, address: task.host, port: task.port });
    }
    const balancer = await startLoadBalancer({
      address: address(5),
      port: 8080,
      backends,
      stateDirectory: site.directory,
    });
    cleanUp.defer(() => balancer.stop());
    const answers = async () => (await fetch(`${balancer.url}/readyz`).catch(() => undefined))?.ok === true;
    if (!(await within(10_000, answers))) throw new Error('The load balancer does not forward requests.');
    const raw = await startRawLoop({ ...webEnvironment, POOL_MIN: '10' });
    cleanUp.defer(() => raw.stop());
    const past = address(31);
    const through = address(5);
    const figures = [
      ...(await measure(
        context,
        raw,
        'API past the load balancer',
        { host: past, path: '/api/albums?count=5' },
        0.6,
      )),
      ...(await measure(context, raw, 'API through the load balancer', {
        host: through,
        path: '/api/albums?count=5',
      })),
      ...(await measure(context, raw, 'page past the load balancer', { host: past, path: '/' })),
      ...(await measure(context, raw, 'page through the load balancer', { host: through, path: '/' })),
    ];
    raw.stop();
    cleanUp.use(await slowDown(music));
    if (!(await within(20_000, answers))) throw new Error('The web services did not find the slow database.');
    return [
      ...figures,
      ...(await overload(context, { host: through, port: 8080, path: '/api/albums?count=5' })),
    ];
  },
};
export default bench;

/**
 * From here on, each query takes 40 ms, so that the database reaches its limit first, as in most installations.
 * Otherwise the result would depend on how much of this machine's cores the load generator and the load balancer leave
 * to the service.
 */
async function slowDown({ site, stopSqlServer }: MusicSite): Promise<AsyncDisposable> {
  await stopSqlServer();
  const port = 14_330;
  const sqlServer = await startSqlServerProcess(site, { port });
  const network = await startForwarder(
    { address: site.address, port: 1433 },
    { host: site.address, port },
    { delayMilliseconds: 40 },
  );
  return {
    async [Symbol.asyncDispose]() {
      await network.stop();
      await sqlServer.stop();
    },
  };
}

async function measure(
  { progress }: BenchContext,
  raw: RawLoop,
  name: string,
  target: Omit<HttpTarget, 'port'>,
  goal?: number,
): Promise<Figure[]> {
  progress(`${name}, and the raw loop, in turns`);
  const load = await HttpLoad.open({ ...target, port: 8080 }, clients);
  try {
    const { ratio, first, second } = await comparePairwise({
      rounds,
      first: () => load.send(requests),
      second: () => raw.run(requests, clients),
    });
    progress(`${ratio.toFixed(2)} of the raw loop, which does ${(requests / second).toFixed(0)} per second`);
    return [
      figure(name, requests / first, 'per second'),
      goal === undefined
        ? figure(`${name} vs the raw query loop`, ratio, 'ratio')
        : figure(`${name} vs the raw query loop`, ratio, 'ratio', '>=', goal),
    ];
  } finally {
    load.close();
  }
}
