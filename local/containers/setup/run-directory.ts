import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What podman says of a longer one: "the specified runroot is longer than 50 characters". */
const longestRunRoot = 50;

/**
 * Makes the folder for what a podman knows of running containers: its locks, process ids and sockets. It is below
 * `/run` (XDG_RUNTIME_DIR for others than root), named after `directory`, and emptied when the machine has booted
 * since: what stands in it tells of containers that are gone.
 *
 * It cannot be below `directory`, where all else is. At a container's end conmon runs `podman --runroot … container
 * cleanup`, and that refuses a path of over 50 characters, which a clone has soon. Nobody sees the refusal; podman
 * waits 20 s for each container and goes on.
 *
 * @param directory the folder of the podman
 * @param base default: as said above
 * @returns the folder, and in it the path of podman's `runroot`
 * @throws Error in one sentence when the folder is somebody else's, or its path too long
 */
export function makeRunDirectory(
  directory: string,
  base = runtimeDirectory(),
): { readonly folder: string; readonly runRoot: string } {
  const name = createHash('sha256').update(directory).digest('hex').slice(0, 12);
  const folder = join(base, `podman-${name}`);
  const runRoot = join(folder, 'storage');
  if (runRoot.length > longestRunRoot) {
    throw new Error(
      `${runRoot} is longer than the ${longestRunRoot} characters that podman allows: set XDG_RUNTIME_DIR to a shorter folder.`,
    );
  }
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw new Error(
      `${folder}, which podman is to keep its locks in, is not a folder of this user: remove it.`,
    );
  }
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
  const note = join(folder, 'boot-id');
  const noted = existsSync(note) ? readFileSync(note, 'utf8') : undefined;
  if (noted === boot) return { folder, runRoot };
  // A folder without the note is new, and another set-up may be at work in it at this moment.
  if (noted !== undefined) {
    rmSync(folder, { recursive: true });
    mkdirSync(folder, { recursive: true, mode: 0o711 });
  }
  const replacement = `${note}-${process.pid}`;
  writeFileSync(replacement, boot);
  renameSync(replacement, note);
  return { folder, runRoot };
}

function runtimeDirectory(): string {
  return process.getuid?.() === 0 ? '/run' : (process.env.XDG_RUNTIME_DIR ?? tmpdir());
}
