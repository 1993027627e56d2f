import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What podman says of a longer one: "the specified runroot is longer than 50 characters". */
export const longestRunRoot = 50;

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
 * @throws Error in one sentence when the folder is somebody else's
 */
export function makeRunDirectory(directory: string, base = runtimeDirectory()): string {
  const name = createHash('sha256').update(directory).digest('hex').slice(0, 12);
  const folder = join(base, `podman-${name}`);
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw new Error(
      `${folder}, which podman is to keep its locks in, is not a folder of this user: remove it.`,
    );
  }
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
  const note = join(folder, 'boot-id');
  if (bootOf(note) !== boot) {
    rmSync(folder, { recursive: true });
    mkdirSync(folder, { mode: 0o711 });
    writeFileSync(note, boot);
  }
  return folder;
}

function runtimeDirectory(): string {
  return process.getuid?.() === 0 ? '/run' : (process.env.XDG_RUNTIME_DIR ?? tmpdir());
}

function bootOf(note: string): string | undefined {
  try {
    return readFileSync(note, 'utf8');
  } catch {
    return undefined; // The folder is new.
  }
}
