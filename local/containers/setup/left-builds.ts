import { join } from 'node:path';
import { execa } from 'execa';
import { removeLeftFolders } from '../../processes/temporary-folder.ts';
import type { ContainerEngine } from '../engine.ts';

/** Lock file that each podman build holds while it runs; the kernel releases it however the build ends. */
export const buildLock = ({ TMPDIR }: ContainerEngine['environment']) => join(`${TMPDIR}`, 'builds.lock');

/** Exit code of `flock` when another process holds the lock. */
const atWork = 75;

/**
 * Removes what interrupted builds have left: podman's working containers, which keep their base images in use, and
 * temporary files of podman and of the builds' commands in this clone. Does not touch podman's files while another
 * build is running. Docker cleans up after its own builds.
 *
 * @throws Error with podman's own error output
 */
export async function removeLeftBuilds({ name, environment }: ContainerEngine): Promise<void> {
  const { TMPDIR: temporary } = environment;
  if (name !== 'podman' || temporary === undefined) return;
  removeLeftFolders('build', temporary);
  const { exitCode, stderr } = await execa(
    'flock',
    [
      '--exclusive',
      '--nonblock',
      '--conflict-exit-code',
      `${atWork}`,
      buildLock(environment),
      'sh',
      '-ec',
      clear,
    ],
    { env: environment, extendEnv: false, stdin: 'ignore', reject: false },
  );
  if (exitCode === 0 || exitCode === atWork) return;
  throw new Error(`Could not remove what interrupted builds have left: ${stderr.trim()}`);
}

/** A container that podman knows only from its store belongs to a build. */
const clear = `
left="$(podman ps --all --external --format '{{.ID}} {{.Status}}' | sed -n 's/ Storage$//p')"
if [ -n "$left" ]; then podman rm --force $left; fi
rm -rf "$TMPDIR"/buildah[0-9]*
`;
