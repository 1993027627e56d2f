import { execFileSync } from 'node:child_process';
import { chmod, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { containerTaskStarter, type RunningContainerTask } from '../containers/container-task-starter.ts';
import { startDirectoryDns } from '../containers/directory-dns.ts';
import { buildImages, type Images } from '../containers/images/build-images.ts';
import { setUpContainers } from '../containers/setup/setup.ts';
import { removeLeftContainers } from '../containers/task-runner/engine-names.ts';
import type { Slot } from '../service/task.ts';
import type { SecretReference } from '../service/task-definition/secret-reference.ts';
import { addressOf } from './names.ts';
import type { World } from './world.ts';

export interface ContainerTasksOptions {
  readonly report: (line: string) => void;
  /** The images to run; default: they are built first. */
  readonly images?: Images | undefined;
  /** See `ContainerTaskOptions`. */
  readonly restartAttemptPeriodSeconds?: number;
}

/**
 * Everything that it takes to run the service's tasks from their images in a rehearsal whose directory and database
 * stand: finds the engine, builds the images as the pipeline does, starts the DNS server of the "VPC", and synthesizes the
 * task definition. All of it ends with the world.
 *
 * @returns a function that starts a task in a slot and resolves when its web service is ready
 * @throws Error in one sentence when there is no engine, or an image cannot be built
 */
export async function containerTasks(
  world: World,
  options: ContainerTasksOptions,
): Promise<(slot: Slot) => Promise<RunningContainerTask>> {
  const { names, network, stateDirectory, cleanUp } = world;
  const { report, restartAttemptPeriodSeconds } = options;
  const engine = await setUpContainers({ report });
  await removeLeftContainers(engine, stateDirectory);
  cleanUp.defer(async () => void (await removeLeftContainers(engine, stateDirectory)));
  const images =
    options.images ??
    (await buildImages(engine, {
      repositoryPrefix: 'localhost/rehearsal',
      tag: revision(),
      logFile: join(stateDirectory, 'logs', 'images.log'),
      report,
    }));

  const domain = world.part('domain');
  const dns = await startDirectoryDns({
    address: network.address(53),
    domains: [names, ...(names.serverDomain ? [names.serverDomain] : [])].map(({ name }) => name),
    hosts: [domain.hosts, ...(world.parts.serverDomain ? [world.parts.serverDomain.hosts] : [])],
    stateDirectory,
  });
  cleanUp.defer(() => dns.stop());
  const certificateAuthorities = join(stateDirectory, 'containers-database-ca.pem');
  await copyFile(world.part('sqlServer').authorityFile, certificateAuthorities);
  await chmod(certificateAuthorities, 0o644);

  const secrets = new SecretsManagerClient(world.part('secretsManager').client);
  const { ARN: userSecretArn = '' } = await secrets.send(
    new DescribeSecretCommand({ SecretId: names.userSecret }),
  );
  report('synthesizing the task definition');
  return containerTaskStarter({
    deployment: world.deployment,
    engine,
    images,
    domain: names.name,
    dns: dns.address,
    userSecretArn,
    sqlServer: addressOf(names),
    readSecret: (reference) => readSecret(secrets, reference),
    certificateAuthorities,
    stateDirectory,
    report: world.report,
    ...(restartAttemptPeriodSeconds === undefined ? {} : { restartAttemptPeriodSeconds }),
  });
}

/** As ECS does with the execution role. */
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

/** The commit, as the pipeline tags images. */
function revision(): string {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
