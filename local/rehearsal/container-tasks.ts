import { join } from 'node:path';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { WebEnvironment } from '@packages/contracts';
import type { WorkerEnvironment } from '@packages/service/worker';
import { containerTaskStarter, type RunningContainerTask } from '../containers/container-task-starter.ts';
import { startDirectoryDns } from '../containers/directory-dns.ts';
import type { Images } from '../containers/images/build-images.ts';
import { setUpContainers } from '../containers/setup/setup.ts';
import { removeLeftContainers } from '../containers/task-runner/engine-names.ts';
import { freePort } from '../processes/free-port.ts';
import { within } from '../processes/within.ts';
import { answersOk } from '../service/answers-ok.ts';
import { isReady } from '../service/is-ready.ts';
import type { Slot } from '../service/task.ts';
import type { SecretReference } from '../service/task-definition/secret-reference.ts';
import { addressOf, type RehearsedService } from './names.ts';
import { putFile } from './put-file.ts';
import type { Rehearsal } from './rehearsal.ts';

export interface ContainerTasksOptions {
  readonly report: (line: string) => void;
  readonly images: Images;
  /** See `ContainerTaskOptions`. */
  readonly restartAttemptPeriodSeconds?: number;
  /** For tests: variables for web's container, in addition to those of its task definition. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Long enough for a task to start on a busy machine. */
const readyMilliseconds = 180_000;

/**
 * Sets up what web's tasks need to run from their images, in a rehearsal whose directory and database are running. All
 * of it ends with the rehearsal.
 *
 * @returns a function that starts a task in a slot and resolves when its web service is ready
 * @throws Error when there is no engine, or the task definition cannot be synthesized
 */
export async function containerTasks(
  rehearsal: Rehearsal,
  options: ContainerTasksOptions,
): Promise<(slot: Slot) => Promise<RunningContainerTask>> {
  const start = await starterOf(rehearsal, 'web', rehearsal.names.userSecret, options);
  return (slot) =>
    start(slot, {
      environment: { ...options.environment, HOST: slot.address } satisfies Partial<WebEnvironment>,
      async ready(containers) {
        await containers.waitHealthy(readyMilliseconds);
        if (await within(readyMilliseconds, () => isReady(slot), 50)) return;
        throw new Error(
          `The web service of ${slot.name} is not ready after ${readyMilliseconds / 1000} s: see ${containers.logFiles.web}.`,
        );
      },
    });
}

/**
 * The same for a further service. A task of a worker is ready when its health commands succeed; a task of a web service
 * must also answer requests; a job's task is ready once it has started.
 *
 * @throws Error when there is no engine, or the task definition cannot be synthesized
 */
export async function furtherContainerTasks(
  rehearsal: Rehearsal,
  { service, userSecret }: RehearsedService,
  options: ContainerTasksOptions,
): Promise<(slot: Slot) => Promise<RunningContainerTask>> {
  const start = await starterOf(rehearsal, service.name, userSecret, options);
  if (service.kind === 'web') {
    const { name, healthPath } = service;
    return (slot) =>
      start(slot, {
        environment: { TASK_NAME: slot.name, HOST: slot.address } satisfies Partial<WebEnvironment>,
        async ready(containers) {
          await containers.waitHealthy(readyMilliseconds);
          const url = `http://${slot.address}:${slot.port}${healthPath}`;
          if (await within(readyMilliseconds, () => answersOk(url), 50)) return;
          throw new Error(
            `${slot.name} does not answer 200 at ${url} after ${readyMilliseconds / 1000} s: see ${containers.logFiles[name]}.`,
          );
        },
      });
  }
  return async (slot) =>
    start(slot, {
      // All tasks share this machine's ports.
      environment: {
        TASK_NAME: slot.name,
        HEALTH_PORT: String(await freePort()),
      } satisfies Partial<WorkerEnvironment>,
      async ready(containers) {
        if (service.kind === 'worker') await containers.waitHealthy(readyMilliseconds);
      },
    });
}

async function starterOf(
  rehearsal: Rehearsal,
  service: string,
  userSecret: string,
  { report, restartAttemptPeriodSeconds, images }: ContainerTasksOptions,
) {
  const { names, stateDirectory } = rehearsal;
  const site = await siteOf(rehearsal, report, images);
  const { ARN: userSecretArn = '' } = await site.secrets.send(
    new DescribeSecretCommand({ SecretId: userSecret }),
  );
  report(`synthesizing the task definition of ${service}`);
  return containerTaskStarter({
    ...site,
    deployment: rehearsal.deployment,
    service,
    domain: names.name,
    userSecretArn,
    sqlServer: addressOf(names),
    readSecret: (reference) => readSecret(site.secrets, reference),
    stateDirectory,
    report: rehearsal.report,
    ...(restartAttemptPeriodSeconds === undefined ? {} : { restartAttemptPeriodSeconds }),
  });
}

type Site = Awaited<ReturnType<typeof makeSite>>;
const made = new WeakMap<Rehearsal, Promise<Site>>();

/** Created once per rehearsal, because its services start in parallel. */
function siteOf(rehearsal: Rehearsal, report: (line: string) => void, images: Images): Promise<Site> {
  const site = made.get(rehearsal) ?? makeSite(rehearsal, report, images);
  made.set(rehearsal, site);
  return site;
}

/** Finds the engine and starts the DNS server of the "VPC". */
async function makeSite(rehearsal: Rehearsal, report: (line: string) => void, images: Images) {
  const { names, network, stateDirectory, cleanUp } = rehearsal;
  const engine = await setUpContainers({ report });
  await removeLeftContainers(engine, stateDirectory);
  cleanUp.defer(async () => void (await removeLeftContainers(engine, stateDirectory)));
  const domain = rehearsal.part('domain');
  const dns = await startDirectoryDns({
    address: network.address(53),
    domains: [names, ...(names.serverDomain ? [names.serverDomain] : [])].map(({ name }) => name),
    hosts: [domain.hosts, ...(rehearsal.parts.serverDomain ? [rehearsal.parts.serverDomain.hosts] : [])],
    stateDirectory,
  });
  cleanUp.defer(() => dns.stop());
  const certificateAuthorities = join(stateDirectory, 'containers-database-ca.pem');
  await putFile(rehearsal.part('sqlServer').authorityFile, certificateAuthorities);
  const secrets = new SecretsManagerClient(rehearsal.part('secretsManager').client);
  return { engine, images, dns: dns.address, certificateAuthorities, secrets };
}

/** Reads a secret as ECS does with the execution role. */
async function readSecret(
  client: SecretsManagerClient,
  { secretId, versionId, versionStage }: SecretReference,
): Promise<string> {
  const { SecretString } = await client.send(
    new GetSecretValueCommand({ SecretId: secretId, VersionId: versionId, VersionStage: versionStage }),
  );
  if (SecretString === undefined) throw new Error(`The secret ${secretId} has no text.`);
  return SecretString;
}
