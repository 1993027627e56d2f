import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DoctorEnvironment, sidecarFolders } from '@packages/contracts';
import { controllersOf, secretsEnvironment } from '../task-surroundings.ts';
import type { World } from '../world.ts';

/** What the doctor needs to examine a rehearsal, also one that another process runs. */
export interface DoctorPlace {
  readonly environment: NodeJS.ProcessEnv;
  /** The process that runs the rehearsal. */
  readonly pid: number;
}

const fileOf = (stateDirectory: string) => join(stateDirectory, 'doctor.json');

/** The place of a rehearsal whose domain and database have been provisioned. */
export async function doctorPlace(world: World): Promise<DoctorPlace> {
  const { names } = world;
  const domain = world.part('domain');
  const { CREDENTIALS_SECRET_ARN, ...store } = await secretsEnvironment(world, names.userSecret);
  const told: DoctorEnvironment = {
    DIRECTORY_DOMAIN: names.name,
    ...controllersOf(world),
    SQL_SPN: names.spn,
    CREDENTIALS_SECRET_ARN,
    SHARED_DIRECTORY: sidecarFolders.shared,
    SQL_SERVER: names.sqlServer,
    SQL_PORT: String(names.port),
    SQL_DATABASE: names.database,
    SQL_ROLES: names.roles.join(','),
    SQL_TLS_NAME: names.tlsName,
    SQL_TLS_CA_FILE: world.part('sqlServer').authorityFile,
  };
  const { LD_PRELOAD, NSS_WRAPPER_HOSTS } = domain.environment;
  const environment = {
    ...told,
    ...store,
    ...{ LD_PRELOAD, NSS_WRAPPER_HOSTS, PATH: '/usr/bin:/bin' },
  };
  return { environment, pid: process.pid };
}

/** Lets other processes of root's examine this rehearsal while it runs: `npm start -- doctor`. */
export async function writeDoctorFile(world: World): Promise<void> {
  const file = fileOf(world.stateDirectory);
  await rm(file, { force: true });
  // With it one may read the rehearsal's secrets.
  await writeFile(file, JSON.stringify(await doctorPlace(world)), { mode: 0o600 });
  world.cleanUp.defer(() => rm(file, { force: true }));
}

/** The place of the rehearsal that runs in this folder; undefined when none does. */
export async function runningRehearsal(stateDirectory: string): Promise<DoctorPlace | undefined> {
  const text = await readFile(fileOf(stateDirectory), 'utf8').catch(() => undefined);
  const place = text === undefined ? undefined : (JSON.parse(text) as DoctorPlace);
  return place && existsSync(`/proc/${place.pid}`) ? place : undefined;
}
