import { describe, expect, test } from 'vitest';
import { exampleInput, exampleServices } from '../../test/infrastructure/example-deployment.ts';
import { type DeploymentInput, furtherServices, loadDeployment, namesOf, serviceNamesOf } from './index.ts';

type Change = (input: DeploymentInput, staging: DeploymentInput['environments'][number]) => void;

function load(change: Change) {
  const input = structuredClone(exampleInput);
  input.services = structuredClone(exampleServices);
  const [staging] = input.environments;
  if (!staging) throw new Error('The example has no environment.');
  change(input, staging);
  return loadDeployment(input);
}
const said = (change: Change): string => {
  try {
    load(change);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};
const worker =
  (values: object): Change =>
  (input) =>
    Object.assign(input.services?.worker ?? {}, values);
const job =
  (values: object): Change =>
  (input) =>
    Object.assign(input.services?.job ?? {}, values);
const inStaging =
  (services: unknown): Change =>
  (_, staging) => {
    staging.services = services as NonNullable<typeof staging.services>;
  };

test('there are no further services by default', () => {
  const deployment = loadDeployment(exampleInput);
  expect(deployment.services).toEqual({});
  for (const environment of deployment.environments)
    expect(furtherServices(deployment, environment)).toEqual([]);
});

test('each service has its defaults, its user and its names', () => {
  const deployment = load(() => {});
  const [environment] = deployment.environments;
  if (!environment) throw new Error('There is no environment.');
  const [first, second] = furtherServices(deployment, environment);
  expect(first).toMatchObject({
    name: 'worker',
    kind: 'worker',
    user: { name: 'worker-user' },
    tasks: 1,
    cpu: 256,
  });
  expect(second).toMatchObject({
    name: 'job',
    kind: 'job',
    user: { name: 'job-user' },
    retries: 2,
    timeoutMinutes: 60,
  });
  if (!first) throw new Error('There is no worker.');
  expect(serviceNamesOf(deployment, environment, first)).toEqual({
    serviceName: `${namesOf(deployment, environment).prefix}-worker`,
    login: 'CORP\\worker-user',
    doctorFamily: `${namesOf(deployment, environment).prefix}-worker-doctor`,
  });
});

test("an environment's override takes precedence, only there", () => {
  const deployment = load(inStaging({ worker: { tasks: 3, user: 'staging-user' }, job: { retries: 0 } }));
  const [staging, production] = deployment.environments.map((environment) =>
    furtherServices(deployment, environment),
  );
  expect(staging).toMatchObject([{ tasks: 3, user: { name: 'staging-user' } }, { retries: 0 }]);
  expect(production).toMatchObject([{ tasks: 1, user: { name: 'worker-user' } }, { retries: 2 }]);
});

const digest = `sha256:${'a'.repeat(64)}`;
const registry = '444444444444.dkr.ecr.eu-central-1.amazonaws.com';

test('given images whose names are too long in total are refused', () => {
  const image = (index: number) => ({
    uri: `${registry}/${'a'.repeat(250)}${index}@${digest}`,
  });
  const ten: Change = (input) => {
    input.services = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`given-${index}`, { kind: 'worker', image: image(index) }]),
    ) as typeof input.services;
  };
  expect(() => load(ten)).not.toThrow();
  // Another environment runs other images.
  const twice: Change = (input, staging) => {
    ten(input, staging);
    const [, production] = input.environments;
    if (production)
      production.services = { 'given-0': { image: image(11) }, 'given-1': { image: image(12) } };
  };
  expect(() => load(twice)).toThrow(
    /deployment\.services is .*: it must be with fewer given images, or shorter names of their repositories: those of all environments have \d+ characters, and builds can get at most 4000\./,
  );
});

describe('One sentence reports', () => {
  test.each<[string, Change, string]>([
    [
      'a user of web',
      worker({ user: 'db-user' }),
      'deployment.services.worker.user is "db-user": it must be a user of its own: the service web signs in as db-user.',
    ],
    [
      'a user of another service',
      job({ user: 'worker-user' }),
      'deployment.services.job.user is "worker-user": it must be a user of its own: the service worker signs in as worker-user.',
    ],
    [
      'a user that an environment gives twice',
      inStaging({ worker: { user: 'job-user' } }),
      'deployment.services.job.user is "job-user": it must be a user of its own: the service worker signs in as job-user.',
    ],
    [
      'a job with a number of tasks',
      job({ tasks: 2 }),
      'deployment.services.job has the unknown key "tasks": it must be without unknown keys',
    ],
    [
      'a job without a schedule',
      job({ schedule: undefined }),
      'deployment.services.job.schedule is missing: it must be a schedule of EventBridge Scheduler',
    ],
    [
      'a schedule of another form',
      job({ schedule: '0 3 * * *' }),
      'deployment.services.job.schedule is "0 3 * * *": it must be a schedule of EventBridge Scheduler',
    ],
    [
      'an unknown time zone',
      job({ timeZone: 'Europe/Atlantis' }),
      'deployment.services.job.timeZone is "Europe/Atlantis": it must be the name of a time zone',
    ],
    [
      'an unknown kind',
      worker({ kind: 'daemon' }),
      'deployment.services.worker.kind is "daemon": it must be a service of kind "worker", "job" or "web".',
    ],
    [
      'a name that is too long',
      (input) => {
        input.services = { 'a-longer-name': { kind: 'worker' } };
      },
      'it must be named by 2 to 12 lower-case letters',
    ],
    ...['web', 'web-doctor', 'job-doctor', 'sidecar', 'provisioning', 'image', 'dist', 'test'].map(
      (name): [string, Change, string] => [
        `the name ${name}`,
        (input) => {
          input.services = { [name]: { kind: 'worker' } };
        },
        'it must be named otherwise',
      ],
    ),
    [
      'a variable that the stack sets',
      worker({ variables: { SQL_SERVER: 'other' } }),
      'it must be named otherwise: the task, or what runs it, uses variables of that name',
    ],
    ...['TASK_NAME', 'KRB5CCNAME', 'SHUTDOWN_SECONDS'].map((name): [string, Change, string] => [
      `the variable ${name}`,
      worker({ variables: { [name]: 'x' } }),
      'it must be named otherwise: the task',
    ]),
    [
      'a variable of ECS',
      worker({ variables: { AWS_REGION: 'eu-central-1' } }),
      'it must be named otherwise',
    ],
    [
      'a name that is a variable and a secret',
      inStagingSecret({ variables: { KEY: 'x' } }),
      'deployment.services.worker.secrets.KEY is "arn:',
    ],
    [
      'a name that is a variable for all and a secret in an environment',
      (input, staging) => {
        worker({ variables: { KEY: 'x' } })(input, staging);
        inStaging({ worker: { secrets: { KEY: inAccount('222222222222') } } })(input, staging);
      },
      'deployment.environments[0].services.worker.secrets.KEY is "arn:aws:secretsmanager:eu-central-1:222222222222:secret:key-AbCdEf": it must be left out: variables has it, too.',
    ],
    [
      'a name that is a secret for all and a variable in an environment',
      (input, staging) => {
        inStagingSecret({})(input, staging);
        inStaging({ worker: { variables: { KEY: 'x' } } })(input, staging);
      },
      'deployment.environments[0].services.worker.variables.KEY is "x": it must be left out: secrets has it, too.',
    ],
    [
      'variables that are too long for a task definition',
      worker({
        variables: Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`V${n}`, 'x'.repeat(2048)])),
      }),
      'it must be an object of at most 32768 bytes as JSON: a task definition has 64 KiB',
    ],
    [
      'a secret of another account',
      inStaging({
        worker: { secrets: { KEY: inAccount('999999999999') } },
      }),
      'it must be a secret in the region eu-central-1 and the account 222222222222 of staging.',
    ],
    [
      'a secret by a part of its ARN',
      worker({ secrets: { KEY: 'arn:aws:secretsmanager:eu-central-1:222222222222:secret:key' } }),
      'it must be the complete ARN of a secret',
    ],
    [
      'a size that Fargate does not have',
      worker({ cpu: 1024 }),
      'deployment.services.worker.memoryMiB is 512: it must be a size that Fargate pairs with cpu 1024',
    ],
    [
      'a size that an environment makes invalid',
      inStaging({ worker: { memoryMiB: 8192 } }),
      'deployment.environments[0].services.worker.memoryMiB is 8192: it must be a size that Fargate pairs with cpu 256',
    ],
    [
      'an override of an unknown service',
      inStaging({ other: { tasks: 2 } }),
      'deployment.environments[0].services.other is {"tasks":2}: it must be about a service that exists: worker, job.',
    ],
    [
      'an override of web as if it were a further service',
      inStaging({ web: { minimumTasks: 2 } }),
      'deployment.environments[0].services.web is {"minimumTasks":2}: it must be in `service` of the environment, which is about web.',
    ],
    [
      'an override of a key that the kind does not have',
      inStaging({ worker: { schedule: 'rate(1 hour)' } }),
      'it must be without schedule: the service worker is a worker.',
    ],
    [
      'an override of the kind',
      inStaging({ worker: { kind: 'job' } }),
      'deployment.environments[0].services.worker has the unknown key "kind"',
    ],
    [
      'an image by a tag',
      worker({ image: { uri: `${registry}/team/reports:latest` } }),
      'it must be an image in ECR by its digest',
    ],
    [
      'a repository name that ECR does not allow',
      worker({ image: { uri: `${registry}/${'a'.repeat(257)}@${digest}` } }),
      'it must be an image in ECR by its digest',
    ],
    [
      'an image of another registry',
      worker({ image: { uri: `docker.io/team/reports@${digest}` } }),
      'a tag may be moved, and tasks reach no other registry.',
    ],
    [
      'an image of another region',
      inStagingAlone({ image: { uri: `${registry.replace('central', 'west')}/team/reports@${digest}` } }),
      'it must be an image in the region eu-central-1 of staging, because its tasks reach only the registry of that region: copy it there.',
    ],
    [
      "an environment's image for a service that is built here",
      inStaging({ worker: { image: { uri: `${registry}/team/reports@${digest}` } } }),
      'it must be left out: the image of the service is built here, in all environments.',
    ],
    ['a role twice', worker({ roles: ['one', 'one'] }), 'it must be a list of different database roles.'],
  ])('%s', (_, change, sentence) => {
    expect(said(change)).toContain(sentence);
    expect(said(change).split('\n')).toHaveLength(1);
  });
});

function inAccount(account: string): string {
  return `arn:aws:secretsmanager:eu-central-1:${account}:secret:key-AbCdEf`;
}

function inStagingAlone(values: object): Change {
  return (input) => {
    input.environments = input.environments.slice(0, 1);
    Object.assign(input.services?.worker ?? {}, values);
  };
}

function inStagingSecret(values: object): Change {
  return (input) => {
    input.environments = input.environments.slice(0, 1);
    Object.assign(input.services?.worker ?? {}, {
      secrets: { KEY: inAccount('222222222222') },
      ...values,
    });
  };
}
