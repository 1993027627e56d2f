import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ContainerEngine } from '../../local/containers/engine.ts';
import type { Images } from '../../local/containers/images/build-images.ts';
import { dockerfileOf } from '../../local/containers/images/dockerfiles.ts';
import { imageContent } from '../../local/containers/images/image-files.ts';
import { baseImageName } from '../../local/containers/setup/base-image.ts';
import { removeLeftBuilds } from '../../local/containers/setup/left-builds.ts';
import { stateRoot } from '../../local/processes/state-root.ts';
import { patience } from '../../local/processes/within.ts';
import { type BuiltImages, builtImages } from './built-images.ts';
import { revision, source } from './global-setup.ts';
import { removeLeftOver } from './left-over.ts';
import { type PrivateDocker, startPrivateDocker } from './private-docker.ts';
import { type RunningService, script, startRunningService, statuses } from './running-service.ts';

// The images under test were built by podman. These tests build them from the same Dockerfiles with the other engines.
const run = promisify(execFile);
let built: BuiltImages;
beforeAll(async () => {
  built = await builtImages();
});

test.each(['sidecar', 'web'] as const)('buildah builds the image of the %s', async (name) => {
  const { environment } = built.engine;
  const reference = `localhost/buildah/${name}:${revision}`;
  const flags = [
    '--pull-never',
    '--network=host',
    '--format=docker',
    // Cached layers of an earlier build would keep its revision, whatever the argument says. The pipeline's builds do
    // not use a cache either.
    '--no-cache',
    `--build-arg=SERVICE=${name}`,
    `--build-arg=REVISION=${revision}`,
    `--build-arg=SOURCE=${source}`,
  ];
  await run('buildah', ['build', ...flags, `--file=${dockerfileOf(name)}`, `--tag=${reference}`, '.'], {
    env: environment,
    maxBuffer: 1 << 26,
  });
  try {
    expect(await layers(built.engine, reference)).toEqual(
      await layers(built.engine, built.images[name].reference),
    );
    expect(await configuration(built.engine, reference)).toEqual(
      await configuration(built.engine, built.images[name].reference),
    );
  } finally {
    await built.engine.run(['image', 'rm', reference]);
  }
});

test('a container left by an earlier run no longer blocks the removal of its image', async () => {
  const { engine, images } = built;
  const reference = `localhost/left-over/sidecar:${revision}`;
  await engine.run(['tag', images.sidecar.reference, reference]);
  const id = await engine.run(['create', reference]);
  const known = async () => await engine.run(['ps', '--all', '--no-trunc', '--format', '{{.ID}}']);
  expect(await known()).toContain(id);
  await removeLeftOver(engine, 'localhost/left-over/');
  expect(await known()).not.toContain(id);
  await engine.run(['image', 'rm', reference]);
});

test.each(['SIGINT', 'SIGKILL'] as const)(
  'a build killed by %s leaves no process or mount behind, and the next build removes its files',
  async (signal) => {
    const { engine } = built;
    const folder = await mkdtemp(join(tmpdir(), 'interrupted-'));
    await writeFile(
      join(folder, 'Dockerfile'),
      `FROM ${baseImageName('services/sidecar/Dockerfile')}\nRUN echo at work; exec sleep 613\n`,
    );
    await removeLeftBuilds(engine);
    const [before, keptBefore] = [await mounted(), await kept(engine)];
    // In its own process group, like that of a terminal, to which Ctrl-C sends the signal.
    const build = spawn('docker', ['build', folder], { env: engine.environment, detached: true });
    const pid = build.pid as number;
    try {
      let output = '';
      for (const stream of [build.stdout, build.stderr]) stream.on('data', (text) => (output += text));
      await vi.waitFor(() => expect(output).toMatch(/^at work$/m), patience);
      expect((await mounted(pid)).length).toBeGreaterThan(before.length);
      const atWork = await kept(engine);
      expect(atWork).not.toEqual(keptBefore);
      // The clean-up of another build does not touch it.
      await removeLeftBuilds(engine);
      expect(await kept(engine)).toEqual(atWork);
    } finally {
      process.kill(-pid, signal);
      await once(build, 'close');
      await rm(folder, { recursive: true });
    }
    await vi.waitFor(async () => expect(await commands()).not.toContain('sleep 613'), patience);
    expect(await mounted()).toEqual(before);
    await removeLeftBuilds(engine);
    expect(await kept(engine)).toEqual(keptBefore);
  },
);

/** The containers of builds, and the temporary files of this clone. */
async function kept({ run, environment }: ContainerEngine): Promise<string[]> {
  const containers = (await run(['ps', '--all', '--external', '--format', '{{.ID}} {{.Status}}'])).split(
    '\n',
  );
  return [...containers, ...(await readdir(environment.TMPDIR as string))].sort();
}

/** The command lines of all processes on this machine. */
async function commands(): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => ''));
  return (await Promise.all(lines)).map((line) => line.split('\0').join(' ').trim());
}

/** The mount points that a process sees. */
async function mounted(process: number | 'self' = 'self'): Promise<string[]> {
  const lines = (await readFile(`/proc/${process}/mountinfo`, 'utf8')).trim().split('\n');
  return lines.map((line) => line.split(' ')[4] as string).sort();
}

describe('Docker', () => {
  const reference = `localhost/docker/sidecar:${revision}`;
  let docker: PrivateDocker;
  beforeAll(async () => {
    docker = await startPrivateDocker(join(stateRoot(), 'containers', 'docker'));
    await hand(baseImageName('services/sidecar/Dockerfile'), built.engine, docker.engine);
  });
  afterAll(async () => await docker?.[Symbol.asyncDispose]());

  test('builds an image with the same content, byte by byte', async () => {
    await docker.engine.run([
      'build',
      '--network=host',
      '--file=services/sidecar/Dockerfile',
      `--build-arg=REVISION=${revision}`,
      `--build-arg=SOURCE=${source}`,
      `--tag=${reference}`,
      '.',
    ]);
    expect(await imageContent(docker.engine, reference)).toEqual(
      await imageContent(built.engine, built.images.sidecar.reference),
    );
    expect(await configuration(docker.engine, reference)).toEqual(
      await configuration(built.engine, built.images.sidecar.reference),
    );
  }, 600_000);

  test('runs the task, with its health checks, read-only volume and shutdown', async () => {
    await hand(built.images.web.reference, built.engine, docker.engine);
    for (const [name, value] of Object.entries(docker.variables)) vi.stubEnv(name, value);
    const images: Images = { ...built.images, sidecar: { ...built.images.sidecar, reference } };
    const running: RunningService = await startRunningService({ taskCount: 1, images });
    try {
      const [task] = running.tasks;
      if (!task) throw new Error('No task runs.');
      expect(task.containers.health('sidecar')).toBe('HEALTHY');
      expect(await statuses(running.url, 10)).toEqual({ 200: 10 });
      const write = `
        import { writeFileSync } from 'node:fs';
        try { writeFileSync('/var/scratch/krbcache', ''); } catch ({ code }) { console.log(process.getuid(), code); }`;
      expect(await script(task, 'web', write)).toBe('1002 EROFS');
      await task.stop();
      const left = await docker.engine.run(['ps', '--all', '--format', '{{.Names}}']);
      expect(left.split('\n').filter((name) => name.includes(`-${task.name}-`))).toEqual([]);
    } finally {
      await running[Symbol.asyncDispose]();
      vi.unstubAllEnvs();
    }
  });
});

/** Copies an image from one engine to another. */
async function hand(reference: string, from: ContainerEngine, to: ContainerEngine): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'image-'));
  const archive = join(folder, 'image.tar');
  try {
    await from.run(['save', '--output', archive, reference]);
    await to.run(['load', '--input', archive]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function layers(engine: ContainerEngine, reference: string): Promise<unknown> {
  return JSON.parse(await engine.run(['image', 'inspect', '--format', '{{json .RootFS.Layers}}', reference]));
}

/** The run configuration of an image, from its Dockerfile. */
async function configuration(engine: ContainerEngine, reference: string): Promise<unknown> {
  const { User, Env, Entrypoint, Cmd, Volumes, WorkingDir, StopSignal, ExposedPorts, Labels } = JSON.parse(
    await engine.run(['image', 'inspect', '--format', '{{json .Config}}', reference]),
  );
  const ours = Object.entries(Labels as Record<string, string>).filter(([name]) => name.startsWith('org.'));
  return {
    User,
    Env: [...Env].sort(),
    Entrypoint,
    Cmd: Cmd ?? [],
    Volumes,
    WorkingDir,
    StopSignal,
    ExposedPorts: ExposedPorts ?? {},
    labels: Object.fromEntries(ours.sort()),
  };
}
