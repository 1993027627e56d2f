import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '@services/web';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ScriptedApp, scriptedApp } from '../../services/web/test/web-app.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'integration-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the test as the pipeline does, against tasks that take turns, as behind a load balancer. */
async function run(tasks: readonly ScriptedApp[], environment: NodeJS.ProcessEnv = {}) {
  const apps = tasks.map((task, index) => scriptedApp({ task: `task-${index}`, ...task }).app);
  let turn = 0;
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    fetch: (request) => (apps[turn++ % apps.length] as (typeof apps)[number]).fetch(request),
  });
  const report = join(folder, `report-${server.port}.xml`);
  const result = await execa(process.execPath, [join(import.meta.dirname, 'run.ts')], {
    reject: false,
    all: true,
    extendEnv: false,
    env: {
      SERVICE_URL: `http://127.0.0.1:${server.port}`,
      EXPECTED_LOGIN: 'CORP\\db-user',
      REPORT_FILE: report,
      ...environment,
    },
  });
  await server.close(0);
  const xml = readFileSync(report, 'utf8');
  const failed = [...xml.matchAll(/<testcase [^>]*name="([^"]*)"[^>]*>\s*<failure/g)].map(([, name]) => name);
  return {
    exitCode: result.exitCode,
    output: result.all,
    tests: xml.match(/<testcase /g)?.length ?? 0,
    failed,
  };
}

/** Picks random albums, as the database does. */
const good: ScriptedApp = {
  database: {
    randomAlbums: async (count) => {
      const first = Math.floor(Math.random() * 1000);
      return Array.from({ length: count }, (_, i) => ({
        id: first + i,
        title: `Title ${i}`,
        artist: 'Artist',
      }));
    },
  },
};

test('a good service passes: exit code 0, and a report that names every test', async () => {
  const { exitCode, output, tests, failed } = await run([good, good], { EXPECTED_TASKS: '2' });
  expect(failed, output).toEqual([]);
  expect(exitCode).toBe(0);
  expect(tests).toBeGreaterThan(20);
});

test('each fault is found by the test for it', async () => {
  const faulty: ScriptedApp = {
    database: {
      session: async () => ({ login: 'CORP\\db-user', scheme: 'NTLM' }),
      randomAlbums: async (count) => Array(count).fill({ id: 1, title: 'The same', artist: 'Artist' }),
    },
    ticket: { state: 'expired', endsAt: new Date(0), remainingSeconds: 0 },
  };
  const { exitCode, failed } = await run([faulty], { READY_SECONDS: '1' });
  expect(exitCode).toBe(1);
  expect(failed).toEqual([
    'the service became ready in time',
    'readiness names each dependency with its state',
    'every task is seen (1 at least), and the database knows each as CORP\\db-user by KERBEROS',
    'the ticket still lives',
    'five different albums, each with an artist',
    'two calls differ, sooner or later',
    'the page greets, shows five albums, and says by which scheme we are known, with which ticket',
  ]);
});

test('one task of two with another login is found', async () => {
  const other = { ...good.database, session: async () => ({ login: 'CORP\\other', scheme: 'KERBEROS' }) };
  const { exitCode, failed } = await run([good, { database: other }], { EXPECTED_TASKS: '2' });
  expect(exitCode).toBe(1);
  expect(failed).toContainEqual(expect.stringContaining('every task is seen (2 at least)'));
});

/** A service behind the load balancer that answers only to its host name, and the test's settings for it. */
async function besides(host: string, status: number) {
  const server = createServer((request, response) => {
    response.writeHead(request.headers.host === host && request.url === '/healthz' ? status : 404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const asked = [{ name: 'reports', url: `http://127.0.0.1:${port}/healthz`, host: 'reports.example.com' }];
  return { server, settings: { ASKED_SERVICES: JSON.stringify(asked) } };
}

test.each([
  ['that answers to its name is asked', 'reports.example.com', 200, []],
  ['that cannot serve is found', 'reports.example.com', 503, ['reports']],
  ['whose requests go elsewhere is found', 'tables.example.com', 200, ['reports']],
])('a further service %s', async (_, host, status, found) => {
  const { server, settings } = await besides(host, status);
  const { exitCode, failed, output } = await run([good], settings);
  server.close();
  expect(failed, output).toEqual(
    found.map((name) => `the service ${name} answers by its way through the load balancer`),
  );
  expect(exitCode).toBe(found.length);
});

test('for a single other service, web is neither requested nor awaited, and may be down', async () => {
  const { server, settings } = await besides('reports.example.com', 200);
  const down: ScriptedApp = { ticket: { state: 'expired', endsAt: new Date(0), remainingSeconds: 0 } };
  const reports = await run([down], { ...settings, ONLY_SERVICE: 'reports' });
  server.close();
  expect(reports).toMatchObject({ exitCode: 0, tests: 1, failed: [] });
  // The other service is down by now, and only web is well.
  const web = await run([good], { ...settings, ONLY_SERVICE: 'web' });
  expect(web.failed, web.output).toEqual([]);
  expect(web.tests).toBeGreaterThan(20);
});

test('a wrong setting: one sentence, no stack trace', async () => {
  const result = await execa(process.execPath, [join(import.meta.dirname, 'run.ts')], {
    reject: false,
    extendEnv: false,
    env: { SERVICE_URL: 'http://127.0.0.1:1' },
  });
  expect(result.exitCode).toBe(1);
  expect(result.stderr).toBe('EXPECTED_LOGIN is not set, but it must be a login such as "CORP\\db-user".');
});
