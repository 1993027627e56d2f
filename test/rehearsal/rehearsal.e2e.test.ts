import { existsSync, globSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { portAnswers } from '../../local/processes/port-answers.ts';
import { patience, within } from '../../local/processes/within.ts';
import { descendants, freeLocation, processesOf, recorded, type Starter, start } from './starter.ts';

/** The statuses of `count` consecutive requests. */
async function statuses(url: string, count: number): Promise<number[]> {
  const seen: number[] = [];
  for (let i = 0; i < count; i++) {
    const response = await fetch(`${url}/api/albums`);
    await response.arrayBuffer();
    seen.push(response.status);
  }
  return seen;
}

describe('npm start', () => {
  let starter: Starter;

  beforeAll(async () => {
    starter = await start(['--from', 'staging-network-directory']);
    await starter.printed('Ctrl-C stops everything.');
  });
  afterAll(() => starter?.remove());

  const tasksSeen = async () => {
    const names = new Set<string | null>();
    for (let i = 0; i < 8; i++) names.add((await fetch(`${starter.url}/livez`)).headers.get('x-task'));
    return names.size;
  };

  test('rehearses the delivery in its order and names the page and the logs', () => {
    const output = starter.output();
    const order = [
      'staging-network-directory',
      'staging-database',
      'staging-service',
      'Integration-test',
      starter.url,
    ];
    const places = order.map((text) => output.indexOf(text));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(output).toContain(starter.stateDirectory);
  });

  test('the other services work, too, each as its own user', async () => {
    expect(starter.output()).toMatch(/a task of worker: running as CORP\\worker-user/);
    expect(starter.output()).toMatch(/job ran to its end, as CORP\\job-user: .*"the report"/);
    expect(starter.output()).toMatch(/^ {2}worker .*as CORP\\worker-user/m);
    expect(await within(patience, () => logOf('worker-1-worker').includes('"counted"'))).toBe(true);
    starter.type('run job');
    await starter.printed('run job: done');
    // It reports what the worker has counted so far.
    expect(logOf('job-1-job').trimEnd().split('\n').at(-1)).toMatch(/"plays":[1-9]/);
  });
  const logOf = (name: string) => readFileSync(join(starter.stateDirectory, 'logs', `${name}.log`), 'utf8');

  test('publishes the files of the stacks into folders that represent the buckets', () => {
    const buckets = join(starter.stateDirectory, 'buckets');
    const files = globSync('cdk-*-assets-222222222222-eu-central-1/*.zip', { cwd: buckets });
    expect(files.length).toBeGreaterThanOrEqual(3);
  });

  test('serves many different albums, over Kerberos always', async () => {
    const titles = new Set<string>();
    const schemes = new Set<string>();
    for (let i = 0; i < 50; i++) {
      const { albums } = (await (await fetch(`${starter.url}/api/albums`)).json()) as {
        albums: { title: string }[];
      };
      for (const { title } of albums) titles.add(title);
      const session = (await (await fetch(`${starter.url}/api/session`)).json()) as { scheme: string };
      schemes.add(session.scheme);
    }
    expect([...schemes]).toEqual(['KERBEROS']);
    expect(titles.size).toBeGreaterThan(30);
  });

  test('a web process that is killed costs no request and is replaced', async () => {
    process.kill(recorded(starter, 'task-1-web').pid, 'SIGKILL');
    expect(new Set(await statuses(starter.url, 60))).toEqual(new Set([200]));
    await starter.printed(/task task-1 ended \(its web service ended with a signal\)/);
    expect(await within(patience, async () => (await tasksSeen()) === 2)).toBe(true);
  });

  test('a sidecar that is killed is restarted, and its task goes on', async () => {
    const [task] = ['task-2', 'task-3'].filter((name) => recordedOrUndefined(name));
    const before = recorded(starter, `${task}-sidecar`).pid;
    process.kill(before, 'SIGKILL');
    expect(new Set(await statuses(starter.url, 30))).toEqual(new Set([200]));
    expect(await within(patience, () => recordedOrUndefined(`${task}`) !== before)).toBe(true);
  });
  const recordedOrUndefined = (task: string) => {
    try {
      return recorded(starter, `${task}-sidecar`).pid;
    } catch {
      return undefined;
    }
  };

  test('without the domain controller requests go on; after it returns, a new sidecar signs in', async () => {
    process.kill(-recorded(starter, 'domain-controller').pid, 'SIGKILL');
    expect(await within(patience, async () => !(await portAnswers(`${starter.network}.10`, 88)))).toBe(true);
    expect(new Set(await statuses(starter.url, 60))).toEqual(new Set([200]));
    starter.type('directory start');
    await starter.printed('directory start: done');
    starter.type('deploy');
    await starter.printed('deploy: done');
    expect(new Set(await statuses(starter.url, 30))).toEqual(new Set([200]));
  });

  test('no log holds the password of the directory user or of the database', () => {
    const secrets = ['task-3', 'task-4', 'task-1', 'task-2'].flatMap((task) =>
      passwordsOf(`${task}-sidecar`),
    );
    expect(secrets.length).toBeGreaterThan(0);
    const logs = [
      'domain-controller',
      'sql-server',
      'load-balancer',
      'task-1-web',
      'task-1-sidecar',
      'task-2-web',
    ]
      .map((name) => readFileSync(join(starter.stateDirectory, 'logs', `${name}.log`), 'utf8'))
      .join('\n');
    for (const secret of secrets) {
      expect(logs).not.toContain(secret);
      expect(starter.output()).not.toContain(secret);
    }
  });
  const passwordsOf = (name: string): string[] => {
    try {
      const environment = readFileSync(`/proc/${recorded(starter, name).pid}/environ`, 'utf8');
      const credentials = environment.split('\0').find((variable) => variable.startsWith('CREDENTIALS='));
      return [JSON.parse((credentials ?? '').slice('CREDENTIALS='.length)).password];
    } catch {
      return [];
    }
  };

  test('Ctrl-C leaves no process and no port behind', async () => {
    expect(await starter.end('SIGINT')).toBe(0);
    expect(processesOf(starter.stateDirectory)).toEqual([]);
    expect(await portAnswers('127.0.0.1', starter.port)).toBe(false);
    expect(await portAnswers(`${starter.network}.20`, 1433)).toBe(false);
  });
});

// Rehearses a complete delivery with builds, which takes a minute, or many on a slow machine.
describe('npm start -- --once', { timeout: 900_000 }, () => {
  test('goes through the whole pipeline, ends with 0 after the integration test, and leaves nothing running, also after a crash before', async () => {
    const location = await freeLocation();
    const crashed = await start(['--from', 'staging-network-directory'], location);
    try {
      await crashed.printed('the domain corp.example.com answers');
      // It has no chance to clean up. Its child processes die with it or are ended by the next start.
      await crashed.end('SIGKILL');
      const starter = await start(['--once'], location);
      expect(await starter.ended, starter.output()).toBe(0);
      for (const done of ['Checks', 'Synth', 'Changes', 'Approve', 'Integration-test']) {
        expect(starter.output()).toMatch(new RegExp(`✔ ${done}\\b`));
      }
      expect(starter.output()).toMatch(/Tests \[SKIPPED: not rehearsed: .*npm test\]/);
      expect(processesOf(location.stateDirectory)).toEqual([]);
    } finally {
      await crashed.remove();
    }
  });

  test('Ctrl-C in the middle of a build ends its commands', async () => {
    const starter = await start(['--once']);
    try {
      await starter.printed('pipeline-Build-Checks.log');
      const started = () => descendants(starter.process.pid as number);
      let builds: string[] = [];
      const begun = () => {
        builds = started();
        return builds.length > 2;
      };
      expect(await within(patience, begun)).toBe(true);
      expect(await starter.end('SIGINT')).toBe(130);
      // Orphans of a killed shell disappear only after the machine's init process has reaped them.
      expect(await within(patience, () => !builds.some((pid) => existsSync(`/proc/${pid}`)))).toBe(true);
    } finally {
      await starter.remove();
    }
  });

  test('a folder that cannot be written is named in one sentence', async () => {
    const starter = await start(['--once', '--state=/dev/full/below']);
    try {
      expect(await starter.ended).toBe(1);
      expect(starter.output().trim()).toBe(
        "Cannot rehearse in /dev/full/below: ENOTDIR: not a directory, mkdir '/dev/full/below'.",
      );
    } finally {
      await starter.remove();
    }
  });

  test('a busy port is named in one sentence, before anything is started', async () => {
    const location = await freeLocation();
    const squatter = createServer().listen(location.port, '127.0.0.1');
    const starter = await start(['--once'], location);
    try {
      expect(await starter.ended).toBe(1);
      expect(starter.output().trim()).toBe(
        `Port ${location.port} of 127.0.0.1 is in use: stop the program that listens there, or choose another port with --port.`,
      );
    } finally {
      squatter.close();
      await starter.remove();
    }
  });

  test('an injected failure stops the delivery there, and the output says what stops, rolls back and waits', async () => {
    const stages = ['--from', 'staging-service'];
    const starter = await start([
      '--once',
      ...stages,
      '--fail',
      'staging-service/windows-auth-staging-service.Deploy',
    ]);
    try {
      expect(await starter.ended).toBe(1);
      const output = starter.output();
      expect(output).toContain('Deploy was made to fail');
      expect(output).toContain('What stops:       staging-service, before Integration-test');
      expect(output).toMatch(
        /What rolls back: {2}CloudFormation .*; CodePipeline deploys staging-service again/,
      );
      expect(output).toMatch(/What waits: {7}production-.*production-service\n/);
      expect(output).not.toContain('❯ production-');
      // The other services had started in parallel.
      await within(patience, () => processesOf(starter.stateDirectory).length === 0);
      expect(processesOf(starter.stateDirectory)).toEqual([]);
    } finally {
      await starter.remove();
    }
  });

  test('an approval that is refused stops the delivery', async () => {
    const starter = await start(['--once', '--approve', '--from', 'production-network-directory-approval']);
    try {
      await starter.printed('Continue? [y/N]');
      expect(starter.output()).toContain('New: windows-auth-production-network');
      starter.type('n');
      expect(await starter.ended).toBe(1);
      expect(starter.output()).toContain('Approve was rejected, so the later actions were not carried out.');
      expect(starter.output()).not.toContain('❯ production-database');
    } finally {
      await starter.remove();
    }
  });

  test('an unknown start stage is refused with a list of the valid ones', async () => {
    const starter = await start(['--once', '--from', 'qa']);
    try {
      expect(await starter.ended).toBe(1);
      expect(starter.output()).toMatch(/--from is "qa", but it must be one of these stages: Source, Build, /);
    } finally {
      await starter.remove();
    }
  });
});
