import { join } from 'node:path';
import { execa } from 'execa';
import { removeLeftFolders } from '../../processes/temporary-folder.ts';
import type { ContainerEngine } from '../engine.ts';

/** Held by each build of podman's as long as it is at work, whatever ends it. */
export const buildLock = ({ TMPDIR }: ContainerEngine['environment']) => join(`${TMPDIR}`, 'builds.lock');

/** What `flock` ends with when somebody else has the lock. */
const atWork = 75;

/**
 * Takes away what builds have left that were cut off: podman's working containers, which hold their base images, and what it
 * and a build's commands kept among the temporary files of this clone. As long as another build is at work, nothing of
 * podman's is touched. Docker clears up after its builds itself.
 *
 * @throws Error with podman's own last words
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
  throw new Error(`What earlier builds have left could not be removed: ${stderr.trim()}`);
}

/** A container that podman knows from its store alone is a build's. */
const clear = `
left="$(podman ps --all --external --format '{{.ID}} {{.Status}}' | sed -n 's/ Storage$//p')"
if [ -n "$left" ]; then podman rm --force $left; fi
rm -rf "$TMPDIR"/buildah[0-9]*
`;
