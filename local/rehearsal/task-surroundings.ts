import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { ServiceEnvironment, SidecarEnvironment, WebEnvironment } from '@packages/contracts';
import type { Slot } from '../service/task.ts';
import { containerOf, deployedTask, environmentOf } from '../service/task-definition/deployed-task.ts';
import type { TaskDefinition } from '../service/task-definition/schema.ts';
import { secretsOf } from './given-user.ts';
import { addressOf } from './names.ts';
import { putFile } from './put-file.ts';
import type { Rehearsal } from './rehearsal.ts';

/** The task definition that the pipeline would deploy for a service, with this machine's domain and SQL Server. */
export function taskOf(rehearsal: Rehearsal, service: string, userSecret: string): Promise<TaskDefinition> {
  const { names, deployment } = rehearsal;
  return deployedTask({
    deployment,
    service,
    domain: names.name,
    userSecretArn: `arn:aws:secretsmanager:eu-central-1:000000000000:secret:${userSecret}`,
    sqlServer: addressOf(names),
  });
}

/**
 * The variables that replace a container's surroundings for a process: the domain's host names, through nss_wrapper(1)
 * in place of the VPC's resolver, and the CA of SQL Server's certificate, which on AWS is part of the image.
 */
export async function surroundingsOf(rehearsal: Rehearsal): Promise<NodeJS.ProcessEnv> {
  const folder = join(rehearsal.stateDirectory, 'programs');
  await mkdir(folder, { recursive: true });
  const certificateAuthority = join(folder, 'database-ca.pem');
  await putFile(rehearsal.part('sqlServer').authorityFile, certificateAuthority);
  return {
    ...resolver(rehearsal),
    // Replaces both the RDS authorities in the image and a company's authorities in the task definition.
    ...({
      SQL_TLS_CA_FILE: certificateAuthority,
      SQL_TLS_CA: undefined,
    } satisfies Partial<ServiceEnvironment>),
  };
}

/** Variables that give a web task its place among the others on this machine. */
export function placeOfWeb({ name, address, port }: Slot) {
  return {
    TASK_NAME: name,
    HOST: address,
    PORT: String(port),
    // Long enough for the load balancer's health checks, which are more frequent here than on AWS.
    DRAIN_SECONDS: '1.5',
  } satisfies Partial<WebEnvironment>;
}

/** The domain controllers of this machine, listed explicitly because nss_wrapper resolves hosts but no SRV records. */
export function controllersOf({ part, parts }: Rehearsal) {
  return {
    DIRECTORY_KDCS: part('domain').kdcs.join(','),
    ...(parts.serverDomain && { SQL_REALM_KDCS: parts.serverDomain.kdcs.join(',') }),
  } satisfies Partial<SidecarEnvironment>;
}

/** Variables for a process that reads a secret itself: the address of the store, and the secret's ARN there. */
export async function secretsEnvironment({ part, network }: Rehearsal, secretId: string) {
  const { client, environment } = part('secretsManager');
  const { ARN: arn = '' } = await new SecretsManagerClient(client).send(
    new DescribeSecretCommand({ SecretId: secretId }),
  );
  return { ...environment, NO_PROXY: network.address(40), CREDENTIALS_SECRET_ARN: arn };
}

function resolver(rehearsal: Rehearsal): NodeJS.ProcessEnv {
  const { LD_PRELOAD, NSS_WRAPPER_HOSTS } = rehearsal.part('domain').environment;
  return { LD_PRELOAD, NSS_WRAPPER_HOSTS, PATH: '/usr/bin:/bin' };
}

/** A sidecar's environment, with the secrets that ECS would inject, read again for each task. */
export async function sidecarEnvironment(
  rehearsal: Rehearsal,
  task: TaskDefinition,
  userSecret: string,
): Promise<NodeJS.ProcessEnv> {
  // ECS injects the whole secret.
  const value = (await secretsOf(rehearsal).read(userSecret, { stage: 'AWSCURRENT' }))?.value;
  const told = environmentOf(task, 'sidecar');
  return {
    ...told,
    ...Object.fromEntries(containerOf(task, 'sidecar').Secrets.map(({ Name }) => [Name, value])),
    ...(told.CREDENTIALS_SECRET_ARN && (await secretsEnvironment(rehearsal, userSecret))),
    ...resolver(rehearsal),
    ...({
      ...controllersOf(rehearsal),
      // Too few tasks run here to lock the account, even if each of them starts with the wrong password.
      SIGN_IN_SPREAD_SECONDS: '0',
    } satisfies Partial<SidecarEnvironment>),
  };
}
