import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** For a longer path, podman reports: "the specified runroot is longer than 50 characters". */
const longestRunRoot = 50;

/**
 * Creates the folder for podman's state of running containers: locks, process ids and sockets. It is below `/run` (for
 * users other than root, XDG_RUNTIME_DIR), named after `directory`, and emptied after a reboot, because its contents
 * then refer to containers that no longer exist.
 *
 * It cannot be below `directory` with everything else. When a container ends, conmon runs `podman --runroot … container
 * cleanup`, which refuses a path of more than 50 characters, and clones often have long paths. The refusal is not
 * reported; podman waits 20 s for each container and continues.
 *
 * @param directory the folder of this podman
 * @param base default: as described above
 * @returns the folder, and the path of podman's `runroot` in it
 * @throws Error when the folder belongs to another user, or its path is too long
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
      `${folder}, in which podman would keep its locks, is not a folder of this user: remove it.`,
    );
  }
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
  const note = join(folder, 'boot-id');
  const noted = existsSync(note) ? readFileSync(note, 'utf8') : undefined;
  if (noted === boot) return { folder, runRoot };
  // A folder without this file is new, and another set-up may be using it at this moment.
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
