import { describe, expect, test } from 'vitest';
import {
  existing,
  managed,
  said,
  selfManaged,
  shared,
  type Values,
  withDirectory,
} from '../../test/infrastructure/estate-values.ts';
import { exampleDeployment, exampleServices } from '../../test/infrastructure/example-deployment.ts';
import { furtherServices, namedOfOthers, serviceNamesOf } from './index.ts';

const secretOf = (name: string, account = '222222222222') =>
  `arn:aws:secretsmanager:eu-central-1:${account}:secret:corp/${name}-AbCdEf`;
const kmsKeyArn = 'arn:aws:kms:eu-central-1:444444444444:key/01234567-89ab-cdef-0123-456789abcdef';
const user = { name: 'svc-web', secretArn: secretOf('web') };
const services = { services: exampleServices };
/** Users of both services that others created. */
const given = {
  worker: { user: { name: 'SvcWorker', secretArn: secretOf('worker') } },
  job: { user: { name: 'svc-job', secretArn: secretOf('job') } },
};
const inSelfManaged = (values: Values) => withDirectory(selfManaged, { user, ...values });

describe('Further services are compatible with', () => {
  test.each<[string, Values]>([
    ['everything new', {}],
    ['an existing directory that is administered here', withDirectory(managed)],
    ['a user of web with another name, created here', { user: { name: 'svc-music' } }],
    ['a given user of web, and users of their own that are created', { user }],
    ['given users, and a user of web that is created', { services: given }],
    ['one given user and one that is created', { services: { job: given.job } }],
    ['given users in a managed directory', withDirectory(managed, { user, services: given })],
    ['a self-managed directory and given users', inSelfManaged({ services: given })],
    [
      'a shared directory and given users',
      { ...withDirectory({ ...managed, type: 'shared' }, { user, services: given }), network: shared },
    ],
    ['a database of others, whose administrator runs a script', { database: existing }],
    ['a database of others in which logins are there', { database: { ...existing, provisioning: 'none' } }],
    [
      'a database of others, with its administrator',
      { database: { ...existing, provisioning: { administratorSecretArn: secretOf('sa') } } },
    ],
    [
      'nothing of our own',
      withDirectory({ ...selfManaged, join: undefined }, { user, database: existing, services: given }),
    ],
    [
      'a secret of another account, whose key is a customer’s',
      { services: { worker: { user: { secretArn: secretOf('worker', '444444444444'), kmsKeyArn } } } },
    ],
    [
      'a user that changes its own password',
      { services: { worker: { user: { secretArn: secretOf('worker'), rotation: 'own-password' } } } },
    ],
    ['a user that is there and is taken over', { services: { worker: { user: { adopt: true } } } }],
  ])('%s', (_, values) => {
    expect(said(values, services)).toEqual([]);
  });
});

const at = 'deployment.environments[0].services';
const ofWorker = (own: Values, values: Values = {}): Values => ({
  ...values,
  services: { ...given, worker: { user: own } },
});
const noUsers = (type: string) =>
  `must be given with a ${type} directory, in which users cannot be created from here.`;

describe('One sentence that names the key reports', () => {
  test.each<[string, Values, string]>([
    [
      'a user to be created in a self-managed directory',
      inSelfManaged({ services: { worker: given.worker } }),
      `${at}.job.user.secretArn is missing: it ${noUsers('self-managed')}`,
    ],
    [
      'the same, given by its name',
      inSelfManaged({ services: { ...given, job: { user: 'svc-job' } } }),
      `${at}.job.user.secretArn is missing: it ${noUsers('self-managed')}`,
    ],
    [
      'a user to be created in a shared directory',
      {
        ...withDirectory({ ...managed, type: 'shared' }, { user, services: { job: given.job } }),
        network: shared,
      },
      `${at}.worker.user.secretArn is missing: it ${noUsers('shared')}`,
    ],
    [
      'a secret in another region',
      ofWorker({ secretArn: secretOf('worker').replace('central', 'west') }),
      `${at}.worker.user.secretArn is "${secretOf('worker').replace('central', 'west')}": it must be a secret in the environment's region eu-central-1; Secrets Manager replicates it.`,
    ],
    [
      'a secret of another account without its key',
      ofWorker({ secretArn: secretOf('worker', '444444444444') }),
      `${at}.worker.user.kmsKeyArn is missing: it must be given for a secret of another account (444444444444): the default key of AWS gives other accounts no access.`,
    ],
    [
      'the same with rotation of its own password',
      ofWorker({ secretArn: secretOf('worker', '444444444444'), kmsKeyArn, rotation: 'own-password' }),
      `${at}.worker.user.rotation is "own-password": it must be "none" for a secret of another account (444444444444): secrets are rotated in their own account.`,
    ],
    [
      'a key without a secret',
      ofWorker({ kmsKeyArn }),
      `${at}.worker.user.kmsKeyArn is "${kmsKeyArn}": it must be left out without secretArn: a user that is created here gets its secret with it.`,
    ],
    [
      'a rotation without a secret',
      ofWorker({ rotation: 'own-password' }),
      `${at}.worker.user.rotation is "own-password": it must be left out without secretArn: the password of a user that is created here is rotated by us.`,
    ],
    [
      'a given user to be taken over',
      ofWorker({ secretArn: secretOf('worker'), adopt: true }),
      `${at}.worker.user.adopt is true: it must be left out with secretArn: a user that is given is not taken over.`,
    ],
    [
      'an unknown key',
      ofWorker({ secret: 'corp/worker' }),
      `${at}.worker.user has the unknown key "secret": it must be without unknown keys; known are name, adopt, secretArn, kmsKeyArn, rotation, rotationDays.`,
    ],
    [
      'an account of every directory',
      { services: { worker: { user: 'krbtgt' } } },
      `${at}.worker.user is "krbtgt": it must be a user of its own: every directory has a user or a group of that name.`,
    ],
    [
      'an account with its domain',
      { services: { worker: { user: 'CORP\\worker' } } },
      `${at}.worker.user is "CORP\\\\worker": it must be 1 to 20 lower-case letters, digits, dots, hyphens and underscores, a letter first, no dot last.`,
    ],
    [
      'neither a name nor an object',
      { services: { worker: { user: 7 } } },
      `${at}.worker.user is 7: it must be an account name, or an object with name, adopt, secretArn, kmsKeyArn, rotation, rotationDays.`,
    ],
    [
      'the secret of web',
      ofWorker({ secretArn: user.secretArn }, { user }),
      `${at}.worker.user.secretArn is "${user.secretArn}": it must be the secret of a user of its own: the service web signs in with this one.`,
    ],
    [
      'the secret of another service',
      ofWorker({ secretArn: secretOf('job') }),
      `${at}.job.user.secretArn is "${secretOf('job')}": it must be the secret of a user of its own: the service worker signs in with this one.`,
    ],
    [
      'the name of web in other letters',
      ofWorker({ name: 'SVC-web', secretArn: secretOf('worker') }, { user }),
      `${at}.worker.user is "SVC-web": it must be a user of its own: the service web signs in as svc-web.`,
    ],
    [
      'the password of a user in a variable of a container',
      { services: { ...given, job: { ...given.job, secrets: { KEY: secretOf('worker') } } } },
      `${at}.job.secrets.KEY is "${secretOf('worker')}": it must be another secret than that of a directory user, whose password is only for the sidecar.`,
    ],
    [
      'the password of web in a variable of a container',
      { user, services: { worker: { secrets: { KEY: user.secretArn } } } },
      `${at}.worker.secrets.KEY is "${user.secretArn}": it must be another secret than that of a directory user, whose password is only for the sidecar.`,
    ],
  ])('%s', (_, values, sentence) => {
    expect(said(values, services)).toEqual([sentence]);
  });

  test("a user without its secret, but not the deployment's secret of another account", () => {
    const all = { name: 'SvcWorker', secretArn: secretOf('worker', '444444444444'), kmsKeyArn };
    const ofAll = {
      ...exampleServices,
      worker: { ...exampleServices.worker, user: { ...all, rotation: 'own-password' } },
    };
    const sentences = said({ services: { worker: { user: {} } } }, { services: ofAll });
    expect(sentences.filter((sentence) => sentence.startsWith(at))).toEqual([
      `${at}.worker.user.name is "SvcWorker": it must be 1 to 20 lower-case letters, digits, dots, hyphens and underscores, a letter first, no dot last.`,
    ]);
  });

  test('a user that is given to all environments', () => {
    const shared = { services: { worker: { ...exampleServices.worker, user: given.worker.user } } };
    const sentences = said({}, shared);
    expect(sentences).toContain(
      `deployment.services.worker.user.secretArn is "${secretOf('worker')}": it must be a user of its own: an earlier environment has this one, and failed sign-ins of one would lock out both.`,
    );
  });
});

test("An environment's user replaces the deployment's, except for a name that it does not give", () => {
  const deployment = exampleDeployment((input) => {
    input.services = { ...exampleServices, worker: { kind: 'worker', user: 'svc-worker' } };
    const [staging] = input.environments;
    if (staging)
      staging.services = {
        worker: { user: { secretArn: secretOf('worker', '444444444444'), kmsKeyArn } },
        job: { user: { rotationDays: 3 } },
      };
  });
  const [staging, production] = deployment.environments;
  if (!staging || !production) throw new Error('The example has two environments.');
  const [worker, job] = furtherServices(deployment, staging);
  expect(worker?.user).toEqual({
    name: 'svc-worker',
    secretArn: secretOf('worker', '444444444444'),
    kmsKeyArn,
    rotation: 'none',
    rotationDays: 30,
  });
  expect(worker && serviceNamesOf(deployment, staging, worker).login).toBe('CORP\\svc-worker');
  expect(job?.user).toEqual({ name: 'job-user', adopt: false, rotationDays: 3 });
  expect(furtherServices(deployment, production).map(({ user }) => user)).toEqual([
    { name: 'svc-worker', adopt: false, rotationDays: 29 },
    { name: 'job-user', adopt: false, rotationDays: 28 },
  ]);
  // The resources that the permissions boundary and the endpoints allow.
  expect(namedOfOthers(deployment, staging)).toMatchObject({
    secrets: [secretOf('worker', '444444444444')],
    keys: [kmsKeyArn],
  });
  expect(namedOfOthers(deployment, production)).toMatchObject({ secrets: [], keys: [] });
});
