import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { portAnswers } from '../../local/processes/port-answers.ts';
import { patience, within } from '../../local/processes/within.ts';
import { builtImages } from './built-images.ts';
import { type RunningService, script, startRunningService, statuses } from './running-service.ts';

let running: RunningService;
beforeAll(async () => {
  running = await startRunningService({
    images: inject('images'),
    // A request can wait for SQL Server long enough for its task to be stopped meanwhile.
    environment: {
      ...{ ACQUIRE_TIMEOUT_SECONDS: '60', CONNECT_TIMEOUT_SECONDS: '60', QUERY_TIMEOUT_SECONDS: '60' },
    },
  });
});
afterAll(async () => await running?.[Symbol.asyncDispose]());

/** Names of the tasks that answer through the load balancer. */
async function serving(): Promise<string[]> {
  const names = new Set<string>();
  for (let i = 0; i < 8; i++) {
    const response = await fetch(`${running.url}/livez`);
    await response.arrayBuffer();
    names.add(response.headers.get('x-task') ?? '');
  }
  return [...names].sort();
}

test('the integration test that the pipeline runs passes against the containers', async () => {
  const { names, stateDirectory } = running.rehearsal;
  const { exitCode, all } = await execa(process.execPath, ['test/integration/run.ts'], {
    env: {
      SERVICE_URL: running.url,
      EXPECTED_LOGIN: names.login,
      EXPECTED_SCHEME: 'KERBEROS',
      EXPECTED_TASKS: '2',
      READY_SECONDS: '120',
      REPORT_FILE: `${stateDirectory}/integration.xml`,
      NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
    },
    all: true,
    reject: false,
  });
  expect(exitCode, all).toBe(0);
  expect(readFileSync(`${stateDirectory}/integration.xml`, 'utf8')).toContain('failures="0"');
});

test('a sidecar that is killed is started again, its task goes on, and no request fails', async () => {
  const [task] = running.tasks;
  if (!task) throw new Error('No task runs.');
  await task.containers.kill('sidecar');
  expect(await statuses(running.url, 30)).toEqual({ 200: 30 });
  expect(await within(patience, () => task.containers.restarts('sidecar') === 1)).toBe(true);
  expect(await within(patience, () => task.containers.health('sidecar') === 'HEALTHY')).toBe(true);
  expect(task.containers.restarts('web')).toBe(0);
  expect(running.tasks).toContain(task);
});

test('a web service that is killed costs no request, and its task is replaced', async () => {
  const [task] = running.tasks;
  if (!task) throw new Error('No task runs.');
  await task.containers.kill('web');
  expect(await statuses(running.url, 60)).toEqual({ 200: 60 });
  expect(await within(patience, () => running.tasks.length === 2 && !running.tasks.includes(task))).toBe(
    true,
  );
  expect(running.events.join('\n')).toMatch(/ended \(its container web ended with exit code 137\)/);
  expect(await within(patience, async () => (await serving()).length === 2)).toBe(true);
});

test('a web service that hangs is unhealthy, and its task is replaced', async () => {
  const [task] = running.tasks;
  if (!task) throw new Error('No task runs.');
  await task.containers.kill('web', 'SIGSTOP');
  const replaced = /ended \(its container web is unhealthy\)/;
  expect(await within(2 * patience, () => replaced.test(running.events.join('\n')), 250)).toBe(true);
  expect(await within(patience, () => running.tasks.length === 2 && !running.tasks.includes(task), 250)).toBe(
    true,
  );
  expect(await statuses(running.url, 20)).toEqual({ 200: 20 });
}, 600_000);

test('without the domain controller requests go on; after it returns, a new task signs in', async () => {
  const domain = running.rehearsal.part('domain');
  await domain.stop();
  expect(await portAnswers(running.rehearsal.network.address(10), 88)).toBe(false);
  expect(await statuses(running.url, 40)).toEqual({ 200: 40 });
  await domain.start();
  const before = running.tasks;
  await running.service.deploy();
  expect(running.tasks.some((task) => before.includes(task))).toBe(false);
  expect(await statuses(running.url, 20)).toEqual({ 200: 20 });
});

test('a stopped task drains: it answers the request in flight, exits on its own, and leaves nothing behind', async () => {
  const { engine } = await builtImages();
  const [task] = running.tasks;
  if (!task) throw new Error('No task runs.');
  const { address, port } = task.slot;
  const log = () => readFileSync(task.containers.logFiles.web ?? '', 'utf8');
  await script(task, 'web', '0');

  running.sqlServer.freeze();
  let stopped: Promise<void>;
  const inFlight = fetch(`http://${address}:${port}/api/albums`);
  try {
    stopped = task.stop();
    expect(await within(patience, () => log().includes('draining'))).toBe(true);
  } finally {
    running.sqlServer.thaw();
  }
  const answer = await inFlight;
  expect(answer.status).toBe(200);
  expect(((await answer.json()) as { albums: unknown[] }).albums).toHaveLength(5);
  await stopped;
  expect(await task.ended).toBe('stopped');
  // It was not killed after its stop timeout.
  expect(log()).toContain('"msg":"closed"');

  const names = (await engine.run(['ps', '--all', '--format', '{{.Names}}'])).split('\n');
  expect(names.filter((name) => name.includes(`-${task.name}-`))).toEqual([]);
  const volumes = (await engine.run(['volume', 'ls', '--quiet'])).split('\n');
  expect(volumes.filter((name) => name.includes(`-${task.name}-`))).toEqual([]);
  expect(await statuses(running.url, 20)).toEqual({ 200: 20 });
});
