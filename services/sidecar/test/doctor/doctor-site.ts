import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type KerberosSite, startKerberosSite } from '../../../../local/testing/kerberos-site.ts';
import { runnableSidecar } from '../../../../local/testing/runnable-sidecar.ts';
import {
  type SqlServerProcess,
  startSqlServerProcess,
  tlsName,
} from '../../../../local/testing/sql-server.ts';
import { type DoctorProcessOptions, type DoctorRun, runDoctor } from './doctor-process.ts';

export const database = 'Music';
/** Contains characters that encodings could hide. */
export const password = 'Pass word*1 "$x\\ä€';
export const nextPassword = 'The Next/One*2 +"ö';

export interface DoctorOptions {
  /** The account; default: one that can sign in and read. */
  readonly user?: string;
  readonly secret?: Readonly<Record<string, unknown>> | string;
  /** Overrides of the environment; `undefined` removes a variable. */
  readonly environment?: NodeJS.ProcessEnv;
  readonly args?: readonly string[];
  /** Lines of resolv.conf(5) for this process, in its own mount namespace. */
  readonly resolvConf?: string;
  /** The clock that the process sees, in the syntax of faketime(1). */
  readonly clock?: string;
  /** Name of the folder that holds its budget of refusals; default: a new one. */
  readonly folder?: string;
  readonly watch?: DoctorProcessOptions['watch'];
}

export interface DoctorSite extends KerberosSite {
  readonly server: SqlServerProcess;
  readonly user: { readonly name: string; readonly password: string };
  /** Runs the sidecar's program as the doctor. */
  doctor(options?: DoctorOptions): Promise<DoctorRun>;
  /** Makes an account with the tests' password, and by default a login with rights in the database. */
  account(name: string, options?: { login?: boolean; rights?: boolean }): Promise<string>;
  setAttribute(name: string, attribute: string, value: string): Promise<void>;
  attribute(name: string, attribute: string): Promise<string | undefined>;
  /** The output of all runs. */
  readonly said: readonly string[];
}

export async function startDoctorSite(): Promise<DoctorSite> {
  const site = await startKerberosSite();
  const { domain, directory } = site;
  await domain.samba(['domain', 'passwordsettings', 'set', '--account-lockout-threshold=5']);
  // The bundle starts in half the time of the sources.
  const [server, { main }] = await Promise.all([startSqlServerProcess(site), runnableSidecar(directory)]);
  await server.administer(`CREATE DATABASE [${database}]`);
  const said: string[] = [];
  let runs = 0;

  const account: DoctorSite['account'] = async (name, { login = true, rights = true } = {}) => {
    await domain.createUser(name, password);
    const windows = `[${domain.netbiosName}\\${name}]`;
    if (login) await server.administer(`CREATE LOGIN ${windows} FROM WINDOWS`);
    if (login) await server.administer(`USE [${database}]`, `CREATE USER ${windows} FOR LOGIN ${windows}`);
    if (rights && login) {
      await server.administer(`USE [${database}]`, `ALTER ROLE [db_datareader] ADD MEMBER ${windows}`);
    }
    return name;
  };
  const user = { name: await account('doctor-user'), password };

  return {
    ...site,
    server,
    user,
    account,
    said,
    async setAttribute(name, attribute, value) {
      const dn = `CN=${name},CN=Users,${domain.baseDn}`;
      await domain.modify(
        `dn: ${dn}\nchangetype: modify\nreplace: ${attribute}\n${attribute}: ${value}\n-\n`,
      );
    },
    async attribute(name, attribute) {
      const found = await domain.search(`(sAMAccountName=${name})`, [attribute]);
      return new RegExp(`^${attribute}: (.*)$`, 'm').exec(found)?.[1];
    },
    async doctor(options = {}) {
      runs += 1;
      const folder = join(directory, options.folder ?? `doctor-${runs}`);
      await mkdir(folder, { recursive: true });
      const secret = options.secret ?? { username: options.user ?? user.name, password };
      const { LD_PRELOAD, NSS_WRAPPER_HOSTS } = domain.environment;
      const libraries = options.clock ? `/usr/$LIB/faketime/libfaketime.so.1 ${LD_PRELOAD}` : LD_PRELOAD;
      const environment: NodeJS.ProcessEnv = {
        ...{ PATH: process.env.PATH, DIRECTORY_DOMAIN: domain.name, DIRECTORY_KDCS: domain.kdcs.join(',') },
        ...{ SQL_SPN: site.spn, PRIVATE_DIRECTORY: folder, SHARED_DIRECTORY: folder },
        CREDENTIALS: typeof secret === 'string' ? secret : JSON.stringify(secret),
        ...{ SQL_SERVER: site.host, SQL_PORT: String(server.port), SQL_DATABASE: database },
        ...{ SQL_TLS_NAME: tlsName, SQL_TLS_CA_FILE: server.authorityFile },
        ...{ LD_PRELOAD: libraries, NSS_WRAPPER_HOSTS },
        ...(options.clock && { FAKETIME: options.clock, DONT_FAKE_MONOTONIC: '1' }),
        ...options.environment,
      };
      const { args, watch, resolvConf } = options;
      const run = await runDoctor({
        ...{ main, environment, args, watch },
        resolvConf: resolvConf === undefined ? undefined : { folder, lines: resolvConf },
      });
      said.push(run.text);
      return run;
    },
    async dispose() {
      await server.stop();
      await site.dispose();
    },
  };
}

/** Expects exactly one failure, with its code, cause, remedy, and whom to ask. */
export function expectFailure(
  run: DoctorRun,
  check: string,
  expected: { code: string; ask?: string; detail: RegExp },
): void {
  expect(run.failures, run.text).toEqual([check]);
  expect(run.exitCode).toBe(1);
  const found = run.findings.find((finding) => finding.check === check && finding.status === 'failed');
  expect(found).toMatchObject({ code: expected.code, detail: expect.stringMatching(expected.detail) });
  expect(found?.ask).toBe(expected.ask);
  expect(found?.remedy?.length, found?.remedy).toBeGreaterThan(20);
}
