import { chmod, chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ManagedProcess, startProcess } from '../../../local/processes/managed-process.ts';
import { patience, within } from '../../../local/processes/within.ts';
import { readTaskDefinition } from '../../../local/service/task-definition/read-task-definition.ts';
import type { ContainerDefinition } from '../../../local/service/task-definition/schema.ts';
import { type KerberosSite, startKerberosSite } from '../../../local/testing/kerberos-site.ts';
import { runnableSidecar } from '../../../local/testing/runnable-sidecar.ts';
import { type SqlServerProcess, startSqlServerProcess } from '../../../local/testing/sql-server.ts';
import { type StrangersProject, strangersProject } from './strangers-project.ts';

/**
 * Runs the task of the README's example, as defined by the packed package and the synthesized template, with its
 * containers as processes: Python with FreeTDS logs in to SQL Server with the sidecar's ticket.
 */
let project: StrangersProject;
let site: KerberosSite;
let server: SqlServerProcess;
let sidecar: ManagedProcess | undefined;
let report: ContainerDefinition;
const folders = new Map<string, string>();

beforeAll(async () => {
  [project, site] = await Promise.all([strangersProject(), startKerberosSite()]);
  server = await startSqlServerProcess(site);
  await server.administer(`CREATE LOGIN [CORP\\${site.user.name}] FROM WINDOWS`);
  for (const folder of [project.folder, site.directory]) await chmod(folder, 0o755);

  const { template } = await project.synthesize();
  const known: Record<string, string> = { 'AWS::Region': 'eu-central-1', 'AWS::AccountId': '111122223333' };
  const task = readTaskDefinition(template, (reference) => known[reference] ?? reference);
  for (const { Name } of task.Volumes) folders.set(Name, join(site.directory, Name));
  const of = (name: string) =>
    task.ContainerDefinitions.find(({ Name }) => Name === name) as ContainerDefinition;
  report = of('report');
  sidecar = await startSidecar(of('kerberos'));
});
afterAll(async () => {
  await sidecar?.stop();
  await server?.stop();
  await site?.dispose();
  await project?.[Symbol.asyncDispose]();
});

/** The variables of a container, with the paths of its volumes replaced by local folders. */
function environmentOf({ Environment, MountPoints }: ContainerDefinition): Record<string, string> {
  const here = (value: string) =>
    MountPoints.reduce(
      (text, { ContainerPath, SourceVolume }) =>
        text.replaceAll(ContainerPath, folders.get(SourceVolume) as string),
      value,
    );
  return Object.fromEntries(Environment.map(({ Name, Value }) => [Name, here(Value)]));
}

async function startSidecar(definition: ContainerDefinition): Promise<ManagedProcess> {
  const [uid = 0, gid = 0] = definition.User?.split(':').map(Number) ?? [];
  const [published, own] = definition.MountPoints.map(({ SourceVolume }) => folders.get(SourceVolume));
  // As in the image.
  for (const [folder, mode] of [
    [published, 0o2750],
    [own, 0o700],
  ] as const) {
    await mkdir(folder as string);
    await chown(folder as string, uid, gid);
    await chmod(folder as string, mode);
  }
  const { node } = await runnableSidecar(join(site.directory, 'sidecar'));
  const environment = {
    PATH: process.env.PATH,
    ...environmentOf(definition),
    // The test environment has no DNS server for the domain.
    DIRECTORY_KDCS: site.domain.kdcs.join(','),
    SIGN_IN_SPREAD_SECONDS: '0',
    [definition.Secrets[0]?.Name ?? '']: JSON.stringify({
      username: site.user.name,
      password: site.user.password,
    }),
  };
  const program = (name: string) => project.installed(join('image', 'out', 'app', name));
  const started = await startProcess({
    name: 'sidecar',
    command: node,
    args: [program('main.mjs')],
    environment,
    stateDirectory: site.directory,
    user: { uid, gid },
  });
  const health = () =>
    execa(node, [program('health.mjs')], { env: environment, extendEnv: false, reject: false, uid, gid });
  await within(patience, async () => !started.running || (await health()).exitCode === 0);
  expect((await health()).stdout).toMatch(/^healthy: /);
  return started;
}

/** Runs the report's program as its image does. */
function runReport(variables: Record<string, string>) {
  const { LD_PRELOAD, NSS_WRAPPER_HOSTS } = site.domain.environment;
  const folder = join(project.folder, 'report');
  return execa('python3', [join(folder, 'report.py')], {
    env: {
      PATH: '/usr/bin:/bin',
      FREETDSCONF: join(folder, 'freetds.conf'),
      LD_PRELOAD,
      NSS_WRAPPER_HOSTS,
      ...variables,
    },
    extendEnv: false,
    reject: false,
  });
}

test('a program in Python logs in as the user of the secret, by Kerberos', async () => {
  const { stdout, stderr } = await runReport(environmentOf(report));
  expect({ stdout, stderr }).toEqual({ stdout: `CORP\\${site.user.name} KERBEROS`, stderr: '' });
});

test('without the ticket it cannot log in', async () => {
  const { KRB5CCNAME: _, ...without } = environmentOf(report);
  const { exitCode, stderr } = await runReport({ ...without, KRB5CCNAME: 'FILE:/nothing' });
  expect(exitCode).not.toBe(0);
  expect(stderr).toMatch(/pymssql.*Error/);
});
