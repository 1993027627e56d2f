import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { removeLeftFolders } from '../local/processes/temporary-folder.ts';

/** What the folders' names begin with; short, as paths of sockets are. */
export const name = 'unit';

/**
 * Vitest's global set-up for tests whose processes are ended before they could clean up: their folder for temporary files,
 * TMPDIR in the configuration's `env`, is there while they run. Those of runs that were killed go.
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
