import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DirectoryDns, startDirectoryDns } from '../../local/containers/directory-dns.ts';
import type { ContainerEngine } from '../../local/containers/engine.ts';
import { baseImageName } from '../../local/containers/setup/base-image.ts';
import { type ContainerTask, startContainerTask } from '../../local/containers/task-runner/task.ts';
import { readTaskDefinition } from '../../local/service/task-definition/read-task-definition.ts';
import { type KerberosSite, startKerberosSite } from '../../local/testing/kerberos-site.ts';
import { type SqlServerProcess, startSqlServerProcess } from '../../local/testing/sql-server.ts';
import {
  type StrangersProject,
  strangersProject,
} from '../../packages/cdk-kerberos-sidecar/test/strangers-project.ts';
import { builtImages } from './built-images.ts';

/**
 * The complete example in cdk-kerberos-sidecar's README: both images are built from the assets of the synthesized
 * application, and its task is run from them.
 */
let engine: ContainerEngine;
let project: StrangersProject;
let site: KerberosSite;
let server: SqlServerProcess;
let dns: DirectoryDns;
let stateDirectory: string;

beforeAll(async () => {
  ({ engine } = await builtImages());
  stateDirectory = await mkdtemp(join(tmpdir(), 'sidecar-package-'));
  [project, site] = await Promise.all([strangersProject(), startKerberosSite()]);
  server = await startSqlServerProcess(site);
  await server.administer(`CREATE LOGIN [CORP\\${site.user.name}] FROM WINDOWS`);
  await chmod(site.directory, 0o755);
  dns = await startDirectoryDns({
    address: site.address.replace(/\d+$/, '53'),
    domains: [site.domain.name],
    hosts: [site.domain.hosts],
    stateDirectory,
  });
});
afterAll(async () => {
  await dns?.stop();
  await server?.stop();
  await site?.dispose();
  await project?.[Symbol.asyncDispose]();
  await rm(stateDirectory, { recursive: true, force: true });
});

test('a container with Python and FreeTDS logs in with the ticket of the sidecar built from the package', async () => {
  const { template, images } = await project.synthesize();
  const base = baseImageName('services/sidecar/Dockerfile');
  const local = new Map<string, string>();
  for (const { folder, source } of images) {
    const reference = `localhost/test/package-${local.size}:1`;
    const build = ['build', '--network=host', '--build-arg', `BASE=${base}`, '--tag', reference, folder];
    await engine.run(build);
    local.set(source.directory.replace(/^asset\./, ''), reference);
  }
  const taskDefinition = readTaskDefinition(template, (reference) => reference);
  const task: ContainerTask = await startContainerTask({
    engine,
    taskDefinition,
    name: 'report',
    localImage: (reference) => local.get(reference.split(':').at(-1) ?? '') as string,
    readSecret: async () => JSON.stringify({ username: site.user.name, password: site.user.password }),
    stateDirectory,
    dns: dns.address,
    environment: { kerberos: { SIGN_IN_SPREAD_SECONDS: '0' } },
  });
  expect(await task.ended).toBe('its container report ended with exit code 0');
  expect(await readFile(task.logFiles.report as string, 'utf8')).toBe(`CORP\\${site.user.name} KERBEROS\n`);
}, 600_000);
