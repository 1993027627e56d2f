import { randomBytes, randomUUID } from 'node:crypto';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  createAwsSecrets,
  createOwnPassword,
  createPasswordCheck,
  type RotationOptions,
  rotateDirectoryUser,
  rotationStep,
  type Secrets,
} from '@services/provisioning';
import type { SignIn } from './names.ts';
import type { Rehearsal } from './rehearsal.ts';

type Report = (line: string) => void;

/**
 * The deployed code's access to secrets, connected to the store of this rehearsal. @throws Error before the store is
 * started
 */
export function secretsOf(rehearsal: Rehearsal): Secrets {
  return createAwsSecrets(new SecretsManagerClient(rehearsal.part('secretsManager').client));
}

/** Does what others have done if the user is given: creates the user, and puts its name and password into a secret. */
export async function makeGivenUser(
  rehearsal: Rehearsal,
  { user, userSecret }: SignIn,
  report: Report,
): Promise<void> {
  const { name: username } = user;
  const domain = rehearsal.part('domain');
  const password = randomPassword();
  await domain.createUser(username, password);
  await secretsOf(rehearsal).create(userSecret, JSON.stringify({ username, password }));
  report(`${username} and its secret exist, as if others had created them`);
  if (user.rotation !== 'own-password') return;
  // By default, a directory lets users change their password only once a day, but a rehearsal may rotate it more often.
  await domain.samba(['domain', 'passwordsettings', 'set', '--min-pwd-age=0']);
  // Secrets Manager runs this step when the rotation schedule is created.
  await rotationStep(
    'testSecret',
    { secretId: userSecret, token: randomUUID() },
    ownPassword(rehearsal, report),
  );
}

/**
 * Changes the password of a given user. The user changes it itself with the deployed code, or, if its owner rotates it,
 * the owner's steps in docs/deploy.md are carried out.
 *
 * @param announce replaces the tasks afterwards
 */
export async function changeGivenPassword(
  rehearsal: Rehearsal,
  { user, userSecret: secretId }: SignIn,
  report: Report,
  announce: () => Promise<void>,
): Promise<void> {
  const { name: username } = user;
  if (user.rotation === 'own-password') {
    await rotateDirectoryUser({ ...ownPassword(rehearsal, report), secretId, announce });
    return;
  }
  const password = randomPassword();
  await rehearsal.part('domain').setPassword(username, password);
  const value = JSON.stringify({ username, password });
  await secretsOf(rehearsal).put(secretId, { token: randomUUID(), value, stage: 'AWSCURRENT' });
  report(`the owner of ${username} has changed its password, first in the directory, then in the secret`);
  await announce();
}

function ownPassword(rehearsal: Rehearsal, progress: Report): RotationOptions {
  const { realm, kdcs, name } = rehearsal.part('domain');
  return {
    directory: createOwnPassword({ realm, kdcs }),
    checkPassword: createPasswordCheck({ realm, kdcs }),
    secrets: secretsOf(rehearsal),
    domainName: name,
    progress,
  };
}

/** A password that satisfies the directory's policy. */
function randomPassword(): string {
  return `${randomBytes(24).toString('base64url')}aA1!`;
}
