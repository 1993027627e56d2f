import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  administratorOf,
  connectSqlServer,
  createAwsSecrets,
  createPasswordCheck,
  type PasswordCheck,
  provisionDatabase,
  provisionDirectoryUser,
  rotateDirectoryUser,
  type Secrets,
} from '@services/provisioning';
import { startDomain } from '../directory/domain.ts';
import { createSambaDirectory } from '../directory/samba-directory.ts';
import { startSecretsManager } from '../secrets-manager/index.ts';
import type { World } from './world.ts';

/** Starts what the Network/Directory stage brings: the domain, and the store that the secrets are in. */
export async function startDirectory(world: World): Promise<void> {
  const { network, names, stateDirectory, cleanUp, parts } = world;
  const domain = await startDomain({ network, stateDirectory, name: names.name });
  cleanUp.defer(() => domain.dispose());
  parts.domain = domain;
  const file = secretsFile(stateDirectory);
  await rm(file, { force: true });
  const secretsManager = await startSecretsManager({ address: network.address(40), file });
  cleanUp.defer(async () => {
    await secretsManager.stop();
    await rm(file, { force: true });
  });
  parts.secretsManager = secretsManager;
}

/** Where a rehearsal keeps its secrets while it runs, for root's eyes only. */
export function secretsFile(stateDirectory: string): string {
  return join(stateDirectory, 'secrets.json');
}

/** The deployed code's own provisioning of the directory user, on Samba in place of AWS Directory Service. */
export async function provisionUser(world: World, report: (line: string) => void): Promise<void> {
  const { names } = world;
  await provisionDirectoryUser({
    ...clients(world),
    secretId: names.userSecret,
    username: names.directoryUser,
    owner: 'rehearsal',
    progress: report,
  });
}

/**
 * Rotates the directory user's password with the deployed code, then replaces the tasks by new ones, as the rotation's
 * event does on AWS when the secret is injected.
 */
export async function rotatePassword(world: World): Promise<void> {
  const { names, report } = world;
  await rotateDirectoryUser({
    ...clients(world),
    secretId: names.userSecret,
    progress: report,
    announce: () => world.part('service').deploy(),
  });
}

function clients(world: World) {
  const domain = world.part('domain');
  return {
    directory: createSambaDirectory(domain),
    secrets: secretsOf(world),
    checkPassword: createPasswordCheck({ realm: domain.realm, kdcs: domain.kdcs }) satisfies PasswordCheck,
  };
}

export function secretsOf(world: World): Secrets {
  return createAwsSecrets(new SecretsManagerClient(world.part('secretsManager').client));
}

/** The deployed code's own provisioning of the database, as the administrator, over verified TLS. */
export async function provisionMusicDatabase(world: World, report: (line: string) => void): Promise<void> {
  const { names, network } = world;
  const server = {
    // The name in the domain resolves for the services only, not for this process.
    host: network.address(20),
    tlsName: names.tlsName,
    authorities: await readFile(world.part('sqlServer').authorityFile, 'utf8'),
  };
  await provisionDatabase({
    connect: (credentials) => connectSqlServer(server, credentials),
    administrator: () => administratorOf(secretsOf(world), names.adminSecret),
    database: names.database,
    login: names.login,
    owner: 'rehearsal',
    progress: report,
  });
}
