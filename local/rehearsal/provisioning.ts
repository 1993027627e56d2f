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
  provisionLogin,
  rotateDirectoryUser,
  type Secrets,
  type SqlCredentials,
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

/** The deployed code's own provisioning of the directory users, on Samba in place of AWS Directory Service. */
export async function provisionUser(world: World, report: (line: string) => void): Promise<void> {
  const { names } = world;
  const users = [
    { secretId: names.userSecret, username: names.directoryUser },
    ...names.services.map(({ userSecret, service }) => ({ secretId: userSecret, username: service.user })),
  ];
  for (const user of users) {
    await provisionDirectoryUser({ ...clients(world), ...user, owner: 'rehearsal', progress: report });
  }
}

/**
 * Rotates the password of a service's directory user with the deployed code, then replaces the tasks by new ones, as the
 * rotation's event does on AWS when the secret is injected.
 */
export async function rotatePassword(world: World, name = 'web'): Promise<void> {
  const { names, report } = world;
  const further = names.services.find(({ service }) => service.name === name);
  await rotateDirectoryUser({
    ...clients(world),
    secretId: further?.userSecret ?? names.userSecret,
    progress: report,
    announce: async () => {
      await (further ? world.workers.get(name) : world.part('service'))?.deploy();
    },
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

/** The deployed code's own provisioning of the database and its logins, as the administrator, over verified TLS. */
export async function provisionMusicDatabase(world: World, report: (line: string) => void): Promise<void> {
  const { names, network } = world;
  const server = {
    // The name in the domain resolves for the services only, not for this process.
    host: network.address(20),
    tlsName: names.tlsName,
    authorities: await readFile(world.part('sqlServer').authorityFile, 'utf8'),
  };
  const access = {
    connect: (credentials: SqlCredentials) => connectSqlServer(server, credentials),
    administrator: () => administratorOf(secretsOf(world), names.adminSecret),
    database: names.database,
    owner: 'rehearsal',
    progress: report,
  };
  await provisionDatabase({ ...access, login: names.login });
  for (const { login, service } of names.services) {
    await provisionLogin({ ...access, login, roles: service.roles });
  }
}
