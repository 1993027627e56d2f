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

/** The deployed code's way to secrets, to the store of this rehearsal. @throws Error before that was started */
export function secretsOf(rehearsal: Rehearsal): Secrets {
  return createAwsSecrets(new SecretsManagerClient(rehearsal.part('secretsManager').client));
}

/** Does what others have done where the user is given: makes it, and puts its name and password into a secret. */
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
  report(`${username} and its secret are there, as others have made them`);
  if (user.rotation !== 'own-password') return;
  // By default a directory lets a user change its password once a day: nobody would rehearse that twice.
  await domain.samba(['domain', 'passwordsettings', 'set', '--min-pwd-age=0']);
  // What Secrets Manager calls when the schedule is made.
  await rotationStep(
    'testSecret',
    { secretId: userSecret, token: randomUUID() },
    ownPassword(rehearsal, report),
  );
}

/**
 * Changes the password of a given user: the user itself, by the deployed code, or, where its owner does that, as
 * docs/deploy.md asks the owner to.
 *
 * @param announce what happens to the tasks then
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

/** With all that a directory's policy asks for. */
function randomPassword(): string {
  return `${randomBytes(24).toString('base64url')}aA1!`;
}
