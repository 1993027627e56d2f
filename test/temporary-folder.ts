import { mkdirSync, rmSync } from 'node:fs';

/**
 * Vitest's global set-up for tests whose processes are ended before they could clean up: their folder for temporary files,
 * TMPDIR in the configuration's `env`, is there while they run.
 */
export default function makeTemporaryFolder({
  config,
}: {
  readonly config: { readonly env: Partial<Record<string, string>> };
}): () => void {
  const { TMPDIR: folder } = config.env;
  if (folder === undefined) throw new Error('The project has no TMPDIR in its env.');
  mkdirSync(folder, { mode: 0o711 });
  return () => rmSync(folder, { recursive: true, force: true });
}
