import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type DoctorEnvironment, sidecarFolders } from '@packages/contracts';
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
  const { names, network } = world;
  const domain = world.part('domain');
  const secretsManager = world.part('secretsManager');
  const { ARN: arn = '' } = await new SecretsManagerClient(secretsManager.client).send(
    new DescribeSecretCommand({ SecretId: names.userSecret }),
  );
  const told: DoctorEnvironment = {
    DIRECTORY_DOMAIN: names.name,
    // nss_wrapper knows hosts, and no SRV records.
    DIRECTORY_KDCS: domain.kdcs.join(','),
    SQL_SPN: names.spn,
    CREDENTIALS_SECRET_ARN: arn,
    SHARED_DIRECTORY: sidecarFolders.shared,
    SQL_SERVER: names.sqlServer,
    SQL_DATABASE: names.database,
    SQL_TLS_NAME: names.tlsName,
    SQL_TLS_CA_FILE: world.part('sqlServer').authorityFile,
  };
  const { LD_PRELOAD, NSS_WRAPPER_HOSTS } = domain.environment;
  const environment = {
    ...told,
    ...secretsManager.environment,
    ...{ LD_PRELOAD, NSS_WRAPPER_HOSTS, PATH: '/usr/bin:/bin', NO_PROXY: network.address(40) },
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
