import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { RunningContainerTask } from '../../local/containers/container-task-starter.ts';
import { digestsOf } from '../../local/containers/images/build-images.ts';
import { patience, within } from '../../local/processes/within.ts';
import { runJob, startWorker } from '../../local/rehearsal/further-services.ts';
import type { RehearsedService } from '../../local/rehearsal/names.ts';
import { deployedServices } from '../../local/service/task-definition/deployed-task.ts';
import { builtImages } from './built-images.ts';
import { type RunningService, script, startRunningService } from './running-service.ts';

let running: RunningService;
let password: string;
beforeAll(async () => {
  running = await startRunningService({ images: inject('images'), taskCount: 1 });
  password = await running.password();
  await startWorker(running.rehearsal, beside('worker'), (line) => running.events.push(line));
});
afterAll(async () => await running?.[Symbol.asyncDispose]());

const task = () => {
  const [one] = running.tasks;
  if (!one) throw new Error('No task runs.');
  return one;
};
/** The service of this kind in cdk.json, other than web. */
function beside(kind: 'worker' | 'job'): RehearsedService {
  const found = running.rehearsal.names.services.find(({ service }) => service.kind === kind);
  if (!found) throw new Error(`cdk.json has no ${kind} to test.`);
  return found;
}
/** The task that a container belongs to. */
const placeOf = (container: string) => {
  const [worker] = running.rehearsal.running.get(container)?.tasks ?? [];
  return (worker as RunningContainerTask | undefined) ?? task();
};
const inWorker = (text: string) => {
  const { name } = beside('worker').service;
  return script(placeOf(name), name, text);
};
const inWeb = (text: string) => script(task(), 'web', text);
const inSidecar = (text: string) => script(task(), 'sidecar', text);

/** Prints, for each path, `written` or the code of the error. */
const write = (paths: readonly string[]) => `
  import { writeFileSync } from 'node:fs';
  const tried = ${JSON.stringify(paths)}.map((path) => {
    try { writeFileSync(path, 'x'); return [path, 'written']; } catch ({ code }) { return [path, code]; }
  });
  console.log(JSON.stringify(Object.fromEntries(tried)));`;

/** Prints the folders of the root file system to which the user can write. */
const writeEverywhere = `
  import { readdirSync, rmSync, writeFileSync } from 'node:fs';
  const written = [];
  const walk = (folder) => {
    const file = (folder === '/' ? '' : folder) + '/left-here';
    try { writeFileSync(file, 'x'); written.push(folder); rmSync(file); } catch {}
    let entries = [];
    try { entries = readdirSync(folder || '/', { withFileTypes: true }); } catch {}
    for (const entry of entries) {
      const path = (folder === '/' ? '' : folder) + '/' + entry.name;
      if (entry.isDirectory() && !['/proc', '/sys'].includes(path)) walk(path);
    }
  };
  walk('/');
  console.log(JSON.stringify(written.sort()));`;

describe.each([
  ['web', { uid: 1002, gid: 1002, volumes: [] }],
  ['worker', { uid: 1002, gid: 1002, volumes: [] }],
  ['sidecar', { uid: 1001, gid: 1002, volumes: ['/run/ticket-sidecar', '/var/scratch'] }],
])('the container %s', (name, expected) => {
  const inside = (text: string) => script(placeOf(name), name, text);

  test('is not root and has no additional groups', async () => {
    const identity = `
      import { readFileSync } from 'node:fs';
      const ids = (line) => readFileSync('/proc/1/status', 'utf8').match(new RegExp('^' + line + ':\\\\s+(.*)$', 'm'))[1].trim().split(/\\s+/);
      console.log(JSON.stringify({ uid: ids('Uid'), gid: ids('Gid'), groups: ids('Groups').filter(Boolean) }));`;
    const { uid, gid, groups } = JSON.parse(await inside(identity));
    expect(new Set(uid)).toEqual(new Set([String(expected.uid)]));
    expect(new Set(gid)).toEqual(new Set([String(expected.gid)]));
    expect(new Set([...groups, String(expected.gid)])).toEqual(new Set([String(expected.gid)]));
    // Commands run in the container use the same user.
    expect(await inside('console.log(process.getuid(), process.getgid())')).toBe(
      `${expected.uid} ${expected.gid}`,
    );
  });

  test('has no capabilities and cannot get any', async () => {
    const capabilities = `
      import { readFileSync } from 'node:fs';
      console.log([...readFileSync('/proc/1/status', 'utf8').matchAll(/^Cap(?:Prm|Eff|Bnd|Amb):\\s+(\\w+)$/gm)].map(([, set]) => BigInt('0x' + set)).join());`;
    expect(await inside(capabilities)).toBe('0,0,0,0');
  });

  test('can write to its volumes and nowhere else', async () => {
    const written: string[] = JSON.parse(await inside(writeEverywhere));
    // The container engine provides shared memory and terminals in memory, also on Fargate.
    expect(written.filter((folder) => !folder.startsWith('/dev/'))).toEqual(expected.volumes);
  });

  test('has a root file system that is mounted read-only, not only protected by permissions', async () => {
    const mounts = `
      import { readFileSync } from 'node:fs';
      console.log(readFileSync('/proc/self/mounts', 'utf8').split('\\n').find((line) => line.split(' ')[1] === '/').split(' ')[3].split(',')[0]);`;
    expect(await inside(mounts)).toBe('ro');
  });

  test('has the memory limit of the task definition', async () => {
    const limit = Number(await inside('console.log(process.constrainedMemory())'));
    expect(limit).toBe((await taskDefinition(name)).Memory * 1024 * 1024);
  });
});

test('web, and a worker, cannot write, replace or remove the ticket, its configuration or its status', async () => {
  const files = ['krbcache', 'krb5.conf', 'ticket.json', 'new'].map((file) => `/var/scratch/${file}`);
  for (const inside of [inWeb, inWorker]) {
    expect(JSON.parse(await inside(write(files)))).toEqual(
      Object.fromEntries(files.map((file) => [file, 'EROFS'])),
    );
  }
  const remove = `
    import { renameSync, unlinkSync } from 'node:fs';
    const codes = [() => unlinkSync('/var/scratch/krbcache'), () => renameSync('/var/scratch/krbcache', '/var/scratch/x')].map((act) => {
      try { act(); return 'done'; } catch ({ code }) { return code; }
    });
    console.log(codes.join());`;
  expect(await inWeb(remove)).toBe('EROFS,EROFS');
  // The mount is read-only, so even the sidecar's user could not write.
  const asSidecar = await script(task(), 'web', write(files.slice(0, 1)), { user: '1001:1002' });
  expect(JSON.parse(asSidecar)).toEqual({ '/var/scratch/krbcache': 'EROFS' });
});

/** Searches every environment and every file that the user may read for a text; prints where it is. */
const search = (text: string) => `
  import { readdirSync, readFileSync } from 'node:fs';
  const wanted = Buffer.from(${JSON.stringify(text)}, 'hex');
  const found = [];
  let readable = 0;
  const look = (path) => {
    try { if (readFileSync(path).includes(wanted)) found.push(path); readable += 1; } catch {}
  };
  for (const pid of readdirSync('/proc').filter((name) => /^\\d+$/.test(name))) {
    for (const file of ['environ', 'cmdline']) look('/proc/' + pid + '/' + file);
  }
  const walk = (folder) => {
    let entries = [];
    try { entries = readdirSync(folder || '/', { withFileTypes: true }); } catch {}
    for (const entry of entries) {
      const path = folder + '/' + entry.name;
      if (entry.isDirectory() && !['/proc', '/sys', '/dev'].includes(path)) walk(path);
      else if (entry.isFile()) look(path);
    }
  };
  walk('');
  console.log(JSON.stringify({ found, readable }));`;
const hex = (text: string) => Buffer.from(text).toString('hex');

describe('what web can discover', () => {
  test('the password is in no environment, process or file', async () => {
    expect(password.length).toBeGreaterThan(10);
    const { found, readable } = JSON.parse(await inWeb(search(hex(password))));
    expect(found).toEqual([]);
    expect(readable).toBeGreaterThan(50);
    // Proves that the search works: the sidecar got the password in its environment.
    const { found: bySidecar } = JSON.parse(await inSidecar(search(hex(password))));
    expect(bySidecar).toContain('/proc/1/environ');
  });

  test('processes: only its own', async () => {
    const commands = `
      import { readdirSync, readFileSync } from 'node:fs';
      console.log(JSON.stringify(readdirSync('/proc').filter((name) => /^\\d+$/.test(name)).map((pid) => readFileSync('/proc/' + pid + '/cmdline', 'utf8').split('\\0')[1])));`;
    const found: string[] = JSON.parse(await inWeb(commands));
    expect(found).toContain('main.mjs');
    // The others are this script, or a health check at the same time.
    expect(found.filter((word) => !['main.mjs', 'health.mjs', '--input-type=module'].includes(word))).toEqual(
      [],
    );
    expect(found.filter((word) => word === 'main.mjs')).toHaveLength(1);
  });

  test('no ticket-granting ticket; its ticket is for SQL Server only', async () => {
    // A cache names the server of each ticket; `krbtgt` is that of the ticket-granting ticket.
    const { found } = JSON.parse(await inWeb(search(hex('krbtgt'))));
    expect(found.filter((path: string) => path.startsWith('/var/') || path.startsWith('/run/'))).toEqual([]);
    const listed = await task().containers.exec('sidecar', ['klist', '-c', 'FILE:/var/scratch/krbcache']);
    const servers = [...listed.matchAll(/^\d\S* \S+ {2}\S+ \S+ {2}(\S+)$/gm)].map(([, server]) => server);
    expect(servers).toEqual([`${running.rehearsal.names.spn}@${running.rehearsal.names.realm}`]);
    expect(
      await inWeb(`import { existsSync } from 'node:fs'; console.log(existsSync('/run/ticket-sidecar'))`),
    ).toBe('false');
  });
});

describe('the other services', () => {
  test('the worker counts plays, and the job reports them and exits, each with its own ticket', async () => {
    const { name } = beside('worker').service;
    const { logFiles } = placeOf(name).containers;
    expect(
      await within(patience, () => readFileSync(logFiles[name] ?? '', 'utf8').includes('"counted"')),
    ).toBe(true);
    const log = await runJob(running.rehearsal, beside('job'), (line) => running.events.push(line));
    const report = log.split('\n').find((line) => line.includes('"the report"')) ?? '{}';
    // It can only report what the worker has counted.
    const { albums = [] } = JSON.parse(report) as { albums?: { plays: number }[] };
    expect(albums.length).toBeGreaterThan(1);
    for (const { plays } of albums) expect(plays).toBeGreaterThan(0);
  });

  test("a container finds its own user's ticket and no other user's name", async () => {
    const { names } = running.rehearsal;
    const users = [names.directoryUser, ...names.services.map(({ service }) => service.user.name)];
    expect(users.length).toBeGreaterThan(2);
    for (const [inside, own] of [
      [inWeb, names.directoryUser],
      [inWorker, beside('worker').service.user.name],
    ] as const) {
      for (const user of users) {
        const { found } = JSON.parse(await inside(search(hex(user))));
        expect([user, found.sort()]).toEqual([
          user,
          user === own ? ['/var/scratch/krbcache', '/var/scratch/ticket.json'] : [],
        ]);
      }
    }
  });

  test('a container finds no password', async () => {
    for (const secret of [running.rehearsal.names.userSecret, beside('worker').userSecret]) {
      const wanted = search(hex(await running.password(secret)));
      for (const inside of [inWeb, inWorker]) expect(JSON.parse(await inside(wanted)).found).toEqual([]);
    }
  });
});

test('the passwords are in no log, and nowhere in the images', async () => {
  const { engine, images } = await builtImages();
  const secrets = running.rehearsal.names.services.map(({ userSecret }) => userSecret);
  const passwords = [password, ...(await Promise.all(secrets.map((secret) => running.password(secret))))];
  const { stateDirectory } = running.rehearsal;
  const logs = readdirSync(join(stateDirectory, 'logs')).map((file) =>
    readFileSync(join(stateDirectory, 'logs', file), 'utf8'),
  );
  expect(logs.length).toBeGreaterThan(4);
  const described = await Promise.all(
    Object.values(images).map(({ reference }) => engine.run(['image', 'inspect', reference])),
  );
  for (const each of passwords) {
    expect(each.length).toBeGreaterThan(10);
    for (const text of [...logs, ...described, running.events.join('\n')]) expect(text).not.toContain(each);
  }
});

interface DefinedContainer {
  readonly Name: string;
  readonly Memory: number;
}
/** A container of the synthesized template from which the task was run. */
async function taskDefinition(name: string): Promise<DefinedContainer> {
  const { names, deployment } = running.rehearsal;
  const images = digestsOf(inject('images'));
  const { templates } = await deployedServices({ deployment, domain: names.name, images });
  const resources = Object.values((templates[name] ?? templates.web)?.Resources ?? {}) as unknown as {
    Type: string;
    Properties: { ContainerDefinitions: DefinedContainer[] };
  }[];
  const definitions = resources.filter(({ Type }) => Type === 'AWS::ECS::TaskDefinition');
  const found = definitions
    .flatMap(({ Properties }) => Properties.ContainerDefinitions)
    .find(({ Name }) => Name === name);
  if (!found) throw new Error(`The template has no container ${name}.`);
  return found;
}
