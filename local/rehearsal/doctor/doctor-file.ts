import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DoctorEnvironment, sidecarFolders } from '@packages/contracts';
import type { RehearsalNames } from '../names.ts';
import type { Rehearsal } from '../rehearsal.ts';
import { controllersOf, secretsEnvironment } from '../task-surroundings.ts';

/**
 * What the doctor needs to check the connection of a service in a rehearsal, possibly one that another process runs.
 */
export interface DoctorSubject {
  readonly environment: NodeJS.ProcessEnv;
}

interface DoctorFile {
  /** The process that runs the rehearsal. */
  readonly pid: number;
  /** By service name. */
  readonly places: Readonly<Record<string, DoctorSubject>>;
}

const fileOf = (stateDirectory: string) => join(stateDirectory, 'doctor.json');

/**
 * The subject for a service of a rehearsal whose domain and database have been provisioned.
 *
 * @throws Error that lists the services if it is none of them
 */
export async function doctorSubject(rehearsal: Rehearsal, service = 'web'): Promise<DoctorSubject> {
  const { names } = rehearsal;
  const { userSecret, roles } = signInOf(names, service);
  const domain = rehearsal.part('domain');
  const { CREDENTIALS_SECRET_ARN, ...store } = await secretsEnvironment(rehearsal, userSecret);
  const told: DoctorEnvironment = {
    DIRECTORY_DOMAIN: names.name,
    ...controllersOf(rehearsal),
    SQL_SPN: names.spn,
    CREDENTIALS_SECRET_ARN,
    SHARED_DIRECTORY: sidecarFolders.shared,
    SQL_SERVER: names.sqlServer,
    SQL_PORT: String(names.port),
    SQL_DATABASE: names.database,
    SQL_ROLES: roles.join(','),
    SQL_TLS_NAME: names.tlsName,
    SQL_TLS_CA_FILE: rehearsal.part('sqlServer').authorityFile,
  };
  const { LD_PRELOAD, NSS_WRAPPER_HOSTS } = domain.environment;
  const environment = {
    ...told,
    ...store,
    ...{ LD_PRELOAD, NSS_WRAPPER_HOSTS, PATH: '/usr/bin:/bin' },
  };
  return { environment };
}

/** @throws Error that lists the services if it is none of them */
export function signInOf({ userSecret, roles, services }: RehearsalNames, service: string) {
  if (service === 'web') return { userSecret, roles };
  const found = services.find(({ service: { name } }) => name === service);
  if (!found) throw unknownService(service, ['web', ...services.map(({ service: { name } }) => name)]);
  return { userSecret: found.userSecret, roles: found.service.roles };
}

function unknownService(service: string, known: readonly string[]): Error {
  return new Error(`--service is "${service}", but it must be one of these services: ${known.join(', ')}.`);
}

/** Lets other root processes (`npm start -- doctor`) examine this rehearsal while it runs. */
export async function writeDoctorFile(rehearsal: Rehearsal): Promise<void> {
  const file = fileOf(rehearsal.stateDirectory);
  await rm(file, { force: true });
  const names = ['web', ...rehearsal.names.services.map(({ service }) => service.name)];
  const places = await Promise.all(names.map(async (name) => [name, await doctorSubject(rehearsal, name)]));
  const content: DoctorFile = { pid: process.pid, places: Object.fromEntries(places) };
  // Anyone who reads this file can read the rehearsal's secrets.
  await writeFile(file, JSON.stringify(content), { mode: 0o600 });
  rehearsal.cleanUp.defer(() => rm(file, { force: true }));
}

/**
 * The subject for a service of the rehearsal that runs in this folder; undefined if none runs there.
 *
 * @throws Error that lists the services if it is none of them
 */
export async function runningRehearsal(
  stateDirectory: string,
  service: string,
): Promise<DoctorSubject | undefined> {
  const text = await readFile(fileOf(stateDirectory), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { pid, places } = JSON.parse(text) as DoctorFile;
  if (!existsSync(`/proc/${pid}`)) return undefined;
  const subject = places[service];
  if (!subject) throw unknownService(service, Object.keys(places));
  return subject;
}
