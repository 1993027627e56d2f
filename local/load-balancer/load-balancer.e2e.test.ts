import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, get, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { claimLoopbackNetwork, type LoopbackNetwork } from '../directory/loopback-network.ts';
import { patience, within } from '../processes/within.ts';
import { startLoadBalancer } from './load-balancer.ts';

let network: LoopbackNetwork;
let state: string;
let cleanUp: AsyncDisposableStack;

beforeEach(async () => {
  cleanUp = new AsyncDisposableStack();
  network = await claimLoopbackNetwork();
  cleanUp.defer(() => network.release());
  state = await mkdtemp(join(tmpdir(), 'load-balancer-test-'));
  cleanUp.defer(() => rm(state, { recursive: true, force: true }));
});
afterEach(() => cleanUp.disposeAsync());

/** A task that answers with its own name, and whose readiness the test controls. */
async function startTask(name: string, address: string): Promise<{ ready: boolean; server: Server }> {
  const task = {
    ready: true,
    server: createServer((request, response) => {
      response.statusCode = request.url === '/healthz' && !task.ready ? 503 : 200;
      response.end(name);
    }),
  };
  await new Promise<void>((resolve) => task.server.listen(8080, address, resolve));
  cleanUp.defer(() => {
    task.server.closeAllConnections();
    task.server.close();
  });
  return task;
}

const backends = () => [31, 32].map((n) => ({ name: `task-${n}`, address: network.address(n), port: 8080 }));

async function balance() {
  const balancer = await startLoadBalancer({
    address: network.address(5),
    port: 8080,
    backends: backends(),
    stateDirectory: state,
  });
  cleanUp.defer(() => balancer.stop());
  return {
    answer: async () => {
      const response = await fetch(balancer.url);
      return `${response.status} ${await response.text()}`;
    },
    answers: async (count: number) => {
      const seen = new Set<string>();
      for (let i = 0; i < count; i++) seen.add(await (await fetch(balancer.url)).text());
      return [...seen].sort();
    },
  };
}

test('requests go to all ready tasks in turn, and no longer to one that is not ready', async () => {
  const first = await startTask('first', network.address(31));
  await startTask('second', network.address(32));
  const { answers } = await balance();
  expect(await within(patience, async () => (await answers(4)).length === 2)).toBe(true);
  first.ready = false;
  expect(await within(patience, async () => (await answers(4)).join() === 'second')).toBe(true);
  first.ready = true;
  expect(await within(patience, async () => (await answers(4)).length === 2)).toBe(true);
});

test('no request fails when a task dies', async () => {
  const first = await startTask('first', network.address(31));
  await startTask('second', network.address(32));
  const { answer, answers } = await balance();
  expect(await within(patience, async () => (await answers(4)).length === 2)).toBe(true);
  first.server.closeAllConnections();
  first.server.close();
  for (let i = 0; i < 20; i++) expect(await answer()).toBe('200 second');
});

test('a rule routes its requests, and no others, to its own tasks: by host, ignoring case and port, and by path, ignoring the query', async () => {
  await startTask('web', network.address(31));
  await startTask('reports', network.address(33));
  const balancer = await startLoadBalancer({
    ...{ address: network.address(5), port: 8080, backends: backends().slice(0, 1), stateDirectory: state },
    routed: [
      {
        ...{ name: 'reports', priority: 7, healthPath: "/it's/$up" },
        ...{ hosts: ['*.example.com', 'b.example.org'], paths: ["/it's/*", '/?/x~$'] },
        backends: [{ name: 'reports-1', address: network.address(33), port: 8080 }],
      },
    ],
  });
  cleanUp.defer(() => balancer.stop());
  const asked = (host: string, path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const sent = get(`${balancer.url}${path}`, { headers: { host } }, (response) => {
        response.on('data', (text) => resolve(String(text)));
      });
      sent.on('error', reject);
    });
  await expect.poll(() => asked('b.example.org', "/it's/1")).toBe('reports');
  expect(await asked('A.Example.com:8080', '/a/x~$?page=2')).toBe('reports');
  expect(await asked('example.com', "/it's/1")).toBe('web');
  expect(await asked('a.example.com', "/IT'S/1")).toBe('web');
  expect(await asked('a.example.com', "/?page=/it's/1")).toBe('web');
});

test('a port in use is reported before anything starts', async () => {
  await startTask('squatter', network.address(5));
  await expect(balance()).rejects.toThrow(/^Port 8080 of .* is in use: /);
});
