import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServiceEnvironment, SidecarEnvironment } from '@packages/contracts';
import { containerOf, deployedTask, environmentOf } from '../service/task-definition/deployed-task.ts';
import type { TaskDefinition } from '../service/task-definition/schema.ts';
import { addressOf } from './names.ts';
import { secretsOf } from './provisioning.ts';
import type { World } from './world.ts';

/** The task definition that the pipeline would deploy of a service, for this machine's domain and SQL Server. */
export function taskOf(world: World, service: string, userSecret: string): Promise<TaskDefinition> {
  const { names, stateDirectory } = world;
  return deployedTask({
    service,
    domain: names.name,
    userSecretArn: `arn:aws:secretsmanager:eu-central-1:000000000000:secret:${userSecret}`,
    sqlServer: addressOf(names),
    stateDirectory,
  });
}

/**
 * What a process finds here that its container has otherwise: the domain's names, by nss_wrapper(1) in place of the VPC's
 * resolver, and the authority of SQL Server's certificate, which is part of the image.
 */
export async function surroundingsOf(world: World): Promise<NodeJS.ProcessEnv> {
  const folder = join(world.stateDirectory, 'programs');
  await mkdir(folder, { recursive: true });
  const certificateAuthority = join(folder, 'database-ca.pem');
  await copyFile(world.part('sqlServer').authorityFile, certificateAuthority);
  return {
    ...resolver(world),
    ...({ SQL_TLS_CA_FILE: certificateAuthority } satisfies Partial<ServiceEnvironment>),
  };
}

function resolver(world: World): NodeJS.ProcessEnv {
  const { LD_PRELOAD, NSS_WRAPPER_HOSTS } = world.part('domain').environment;
  return { LD_PRELOAD, NSS_WRAPPER_HOSTS, PATH: '/usr/bin:/bin' };
}

/** What a sidecar is told, with what ECS injects: read for each task that starts. */
export async function sidecarEnvironment(
  world: World,
  task: TaskDefinition,
  userSecret: string,
): Promise<NodeJS.ProcessEnv> {
  // It is one secret, whole.
  const value = (await secretsOf(world).read(userSecret, { stage: 'AWSCURRENT' }))?.value;
  return {
    ...environmentOf(task, 'sidecar'),
    ...Object.fromEntries(containerOf(task, 'sidecar').Secrets.map(({ Name }) => [Name, value])),
    ...resolver(world),
    ...({
      // nss_wrapper knows hosts, and no SRV records.
      DIRECTORY_KDCS: world.part('domain').kdcs.join(','),
      // No more tasks run here than cannot lock the account, even if each begins with the wrong password.
      SIGN_IN_SPREAD_SECONDS: '0',
    } satisfies Partial<SidecarEnvironment>),
  };
}
