import { copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import {
  cacheable,
  configurationFrom,
  KdcClient,
  obtainInitialTicket,
  obtainServiceTicket,
  parsePrincipal,
  writeCredentialCache,
} from 'kerberos-client';
import { type KerberosSite, startKerberosSite } from '../../local/testing/kerberos-site.ts';
import { build as buildClient } from '../../packages/kerberos/scripts/build.ts';
import { build } from '../../packages/tedious-kerberos/scripts/build.ts';
import { type Bench, type BenchContext, type Figure, figure } from './figure.ts';
import { comparePairwise } from './tedious-kerberos/compare-pairwise.ts';

/** The start-up cost of Kerberos: the first token of a new process, and the first ticket of a sidecar. */
const bench: Bench = {
  name: 'kerberos',
  async run(context) {
    context.progress('starting a domain, building the packages');
    const site = await startKerberosSite();
    const project = await mkdtemp(join(tmpdir(), 'kerberos-bench-'));
    try {
      await layProject(project);
      return [
        ...(await firstTokens(context, site, project)),
        ...(await firstTickets(context, site, project)),
      ];
    } finally {
      await rm(project, { recursive: true });
      await site.dispose();
    }
  },
};
export default bench;

/** A project with the packages as published. Here they run from source, which takes longer to load. */
async function layProject(project: string): Promise<void> {
  const modules = join(project, 'node_modules');
  await mkdir(modules);
  await build(join(modules, 'tedious-kerberos'));
  await buildClient(join(modules, 'kerberos-client'));
  const require = createRequire(import.meta.url);
  for (const name of ['tedious', 'kerberos']) {
    await symlink(dirname(require.resolve(`${name}/package.json`)), join(modules, name));
  }
  for (const name of ['first-token.mjs', 'first-ticket.mjs']) {
    await copyFile(join(import.meta.dirname, 'kerberos', name), join(project, name));
  }
}

/** Includes loading the package, but not starting the process or loading TLS and tedious. */
async function firstTokens(
  context: BenchContext,
  { domain, kinit, spn }: KerberosSite,
  project: string,
): Promise<Figure[]> {
  context.progress('first tokens in fresh processes, in TypeScript and by the native library in turns');
  const KRB5CCNAME = `FILE:${await kinit('first-token', { service: spn })}`;
  const token = async (how: string) => {
    const env = { KRB5_CONFIG: domain.krb5Conf, KRB5CCNAME };
    const { stdout } = await execa(process.execPath, ['first-token.mjs', how, spn], { cwd: project, env });
    return JSON.parse(stdout).milliseconds as number;
  };
  let spent = 0; // milliseconds, as reported by the processes
  const { ratio, first, second } = await comparePairwise({
    rounds: 40,
    clock: () => spent / 1000,
    first: async () => (spent += await token('typescript')),
    second: async () => (spent += await token('native')),
  });
  return [
    figure('first token of a process, in TypeScript', first * 1000, 'ms'),
    figure('first token of a process, by the native library', second * 1000, 'ms'),
    figure('first token of a process, native vs TypeScript', ratio, 'ratio'),
  ];
}

/** The first steps of a sidecar: password → ticket-granting ticket → service ticket → file. */
async function firstTickets(
  context: BenchContext,
  { domain, directory, spn, user }: KerberosSite,
  project: string,
): Promise<Figure[]> {
  context.progress("first tickets, in TypeScript and by MIT's kinit and kvno in turns");
  const realm = domain.name.toUpperCase();
  const [kdc = ''] = domain.kdcs;
  const cache = (name: string) => join(directory, `first-ticket-${name}`);
  const byTools = async () => {
    const env = { KRB5_CONFIG: domain.krb5Conf, KRB5CCNAME: `FILE:${cache('tools')}` };
    await execa('kinit', ['--', user.name], { env, input: user.password });
    await execa('kvno', ['-q', '--out-cache', `FILE:${cache('service')}`, spn], { env });
    await rm(cache('service'));
  };
  const configuration = configurationFrom(`[realms]\n${realm} = {\n kdc = ${kdc}\n}\n`);
  const inTypeScript = async () => {
    const client = new KdcClient({ configuration });
    const principal = parsePrincipal(user.name, realm);
    const { password } = user;
    const ticketGrantingTicket = await obtainInitialTicket(client, { client: principal, password });
    const { name: service } = parsePrincipal(spn, realm);
    const ticket = await obtainServiceTicket(client, { ticketGrantingTicket, service });
    const credentials = [cacheable(ticket)];
    await writeCredentialCache(cache('typescript'), { principal, credentials, clockOffset: 0 });
  };
  const { ratio, first, second } = await comparePairwise({
    rounds: 30,
    first: inTypeScript,
    second: byTools,
  });
  const memory = async (file: string) => {
    const args = ['first-ticket.mjs', realm, kdc, user.name, spn, file];
    const env = { PASSWORD: user.password };
    return Number((await execa(process.execPath, args, { cwd: project, env })).stdout);
  };
  const idle = await memory('');
  return [
    figure('first ticket, in TypeScript', first * 1000, 'ms'),
    figure("first ticket, by MIT's tools", second * 1000, 'ms'),
    figure("first ticket, MIT's tools vs TypeScript", ratio, 'ratio'),
    figure(
      'resident memory that the client in TypeScript takes',
      (await memory(cache('memory'))) - idle,
      'MB',
    ),
  ];
}
