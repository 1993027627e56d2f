import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MitKdcs, startMitKdcs } from '../../../local/testing/mit-kdc.ts';
import { build } from '../scripts/build.ts';
import {
  cacheable,
  configurationFrom,
  KdcClient,
  obtainInitialTicket,
  parsePrincipal,
  readCredentialCache,
  writeCredentialCache,
} from '../src/index.ts';

const realm = 'CORP.EXAMPLE.COM';
const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
const blocks = [...readme.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language, text = '']) => ({
  language,
  text,
}));

/** A project with the packed package installed, and the realm of the examples. */
let project: string;
let kdcs: MitKdcs;
let environment: NodeJS.ProcessEnv;
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'readme-'));
  [kdcs] = await Promise.all([
    startMitKdcs([{ name: realm }]),
    build(join(project, 'node_modules', 'kerberos-client')),
    mkdir(join(project, 'tickets')),
    writeFile(join(project, 'package.json'), '{"type": "module"}'),
  ]);
  const services = ['HTTP/web.corp.example.com', 'MSSQLSvc/db.corp.example.com:1433'];
  await kdcs.kadmin(realm, 'addprinc -pw secret db-user');
  for (const service of services) await kdcs.kadmin(realm, `addprinc -randkey ${service}`);
  const keytab = join(kdcs.directory, 'service.keytab');
  await kdcs.kadmin(realm, `ktadd -k ${keytab} ${services[0]}`);

  const client = parsePrincipal('db-user', realm);
  const kdc = new KdcClient({ configuration: configurationFrom(kdcs.krb5ConfText) });
  const granting = await obtainInitialTicket(kdc, { client, password: 'secret' });
  const cache = join(project, 'cache');
  await writeCredentialCache(cache, {
    principal: client,
    credentials: [cacheable(granting)],
    clockOffset: 0,
  });

  const acceptor = new URL('acceptor/python-acceptor.ts', import.meta.url).href;
  await writeFile(join(project, 'surroundings.ts'), surroundings(acceptor, keytab));
  const { PATH } = process.env;
  environment = { PATH, KRB5_CONFIG: kdcs.krb5Conf, KRB5CCNAME: cache };
});
afterAll(async () => {
  await kdcs?.dispose();
  await rm(project, { recursive: true });
});

/**
 * Defines what the examples only declare, and resolves their host names. Prints whether a login that it accepts is
 * complete.
 */
const surroundings = (acceptor: string, keytab: string) => `
import dns from 'node:dns';
import { startPythonAcceptor } from ${JSON.stringify(acceptor)};
const { lookup } = dns;
dns.lookup = (host, ...rest) => lookup(host === 'dc1.corp.example.com' ? '${kdcs.address(realm)}' : host, ...rest);

let context, acceptor, answers = [];
globalThis.connection = {
  send(token) {
    acceptor ??= startPythonAcceptor({ keytab: ${JSON.stringify(keytab)}, krb5Conf: process.env.KRB5_CONFIG });
    context ??= acceptor.begin();
    answers.push(context.step(token));
  },
  async receive() {
    const { token, client, complete } = await answers.shift();
    console.log(client, complete);
    await acceptor.stop();
    return token;
  },
};
const finished = Buffer.from('twelve octets', 'latin1');
globalThis.socket = { isSessionReused: () => false, getFinished: () => finished };
globalThis.credential = await import('kerberos-client').then(({ TicketSource }) => new TicketSource().ticketFor('HTTP/web.corp.example.com'));
`;

/** The output of an example, run as written except that tickets go into a folder of this test. */
async function run(code: string): Promise<string> {
  const file = join(project, 'example.ts');
  await writeFile(file, code.replaceAll('/run/tickets', join(project, 'tickets')));
  const before = pathToFileURL(join(project, 'surroundings.ts')).href;
  const { stdout } = await execa(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', `--import=${before}`, file],
    { cwd: project, env: environment, extendEnv: false },
  );
  return stdout;
}

const [first, bound, obtain] = blocks.filter(({ language }) => language === 'ts').map(({ text }) => text);

test('each code block is one of these examples or installs the package', () => {
  expect(blocks.map(({ language }) => language)).toEqual(['sh', 'ts', 'ts', 'ts']);
  expect(blocks[0]?.text).toBe('npm install kerberos-client\n');
});

test('the first logs in, out of the cache of the process', async () => {
  expect(await run(first as string)).toBe(`db-user@${realm} true`);
});

test('the second makes a token that is bound to its channel', async () => {
  expect(await run(`${bound}\nconsole.log(login.initialToken().length > 500, login.complete);`)).toBe(
    'true false',
  );
});

test('the third obtains tickets and writes a cache', async () => {
  expect(await run(obtain as string)).toBe('');
  const { principal, credentials } = await readCredentialCache(join(project, 'tickets', 'db-user'));
  expect(principal).toEqual(parsePrincipal('db-user', realm));
  expect(credentials.map(({ server }) => server)).toEqual([
    parsePrincipal('MSSQLSvc/db.corp.example.com:1433', realm),
  ]);
});
