import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { removeLeftFolders } from '../local/processes/temporary-folder.ts';

/** Prefix of the folders' names; short, because socket paths are limited. */
export const name = 'unit';

/**
 * Vitest's global setup for tests whose processes may end before they clean up. Creates their temporary folder (TMPDIR
 * in the configuration's `env`) for the duration of the run, and removes those of killed runs.
 */
export default function makeTemporaryFolder({
  config,
}: {
  readonly config: { readonly env: Partial<Record<string, string>> };
}): () => void {
  const { TMPDIR: folder } = config.env;
  if (folder === undefined) throw new Error('The project has no TMPDIR in its env.');
  removeLeftFolders(name, dirname(folder));
  mkdirSync(folder, { mode: 0o711 });
  return () => rmSync(folder, { recursive: true, force: true });
}
