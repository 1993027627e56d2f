import { readFile } from 'node:fs/promises';
import {
  administratorOf,
  connectSqlServer,
  createPasswordCheck,
  type PasswordCheck,
  provisionDatabase,
  provisionDirectoryUser,
  provisionLogin,
  rotateDirectoryUser,
  type SqlCredentials,
} from '@services/provisioning';
import { createSambaDirectory } from '../directory/samba-directory.ts';
import { changeGivenPassword, makeGivenUser, secretsOf } from './given-user.ts';
import type { Rehearsal } from './rehearsal.ts';

/**
 * Provisions the directory users with the deployed code, on Samba in place of AWS Directory Service. For a given user,
 * does what others have done.
 */
export async function provisionUser(rehearsal: Rehearsal, report: (line: string) => void): Promise<void> {
  const { names } = rehearsal;
  for (const { user, userSecret } of [names, ...names.services]) {
    if (user.secretArn !== undefined) {
      await makeGivenUser(rehearsal, { user, userSecret }, report);
      continue;
    }
    await provisionDirectoryUser({
      ...clients(rehearsal),
      ...{ secretId: userSecret, username: user.name },
      ...{ owner: 'rehearsal', progress: report },
    });
  }
}

/**
 * Rotates the password of a service's directory user with the deployed code, then replaces the tasks, as the rotation's
 * event does on AWS when the secret is injected.
 */
export async function rotatePassword(rehearsal: Rehearsal, name = 'web'): Promise<void> {
  const { names, report } = rehearsal;
  const further = names.services.find(({ service }) => service.name === name);
  const announce = async () => {
    await (further ? rehearsal.running.get(name) : rehearsal.part('service'))?.deploy();
  };
  const { user, userSecret } = further ?? names;
  if (user.secretArn !== undefined) {
    await changeGivenPassword(rehearsal, { user, userSecret }, report, announce);
    return;
  }
  await rotateDirectoryUser({
    ...clients(rehearsal),
    secretId: userSecret,
    progress: report,
    announce,
  });
}

function clients(rehearsal: Rehearsal) {
  const domain = rehearsal.part('domain');
  return {
    directory: createSambaDirectory(domain),
    secrets: secretsOf(rehearsal),
    checkPassword: createPasswordCheck({ realm: domain.realm, kdcs: domain.kdcs }) satisfies PasswordCheck,
  };
}

/** Provisions the database and its logins with the deployed code, as the administrator, over verified TLS. */
export async function provisionMusicDatabase(
  rehearsal: Rehearsal,
  report: (line: string) => void,
): Promise<void> {
  const { names, network } = rehearsal;
  // No function provisions it: the database's own administrator already has.
  if (names.provisioning === 'none' || names.provisioning === 'script') return;
  const server = {
    // The name in the domain resolves only for the services, not for this process.
    host: network.address(20),
    port: names.port,
    tlsName: names.tlsName,
    authorities: await readFile(rehearsal.part('sqlServer').authorityFile, 'utf8'),
  };
  const access = {
    connect: (credentials: SqlCredentials) => connectSqlServer(server, credentials),
    administrator: () => administratorOf(secretsOf(rehearsal), names.adminSecret),
    database: names.database,
    owner: 'rehearsal',
    progress: report,
  };
  await provisionDatabase({
    ...access,
    login: names.login,
    roles: names.roles,
    // A database of others is filled by its owners.
    ...(names.provisioning === 'login' && { existing: true, scripts: [] }),
  });
  for (const { login, service } of names.services) {
    const existing = names.provisioning === 'login';
    await provisionLogin({ ...access, login, roles: service.roles, existing });
  }
}
