import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startImageBuilder } from '../../local/containers/images/image-builder.ts';
import { setUpContainers } from '../../local/containers/setup/setup.ts';

test('a commit is not built twice: its image is pulled, described and named by the same digest', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'image-again-'));
  const logFile = join(folder, 'image.log');
  try {
    const engine = await setUpContainers({ report: () => {} });
    let registry: string;
    {
      await using builder = await startImageBuilder(engine, { logFile });
      registry = `${builder.registry.host}/`;
      const first = await builder.build('sidecar', 'same-commit');
      // The same content was built before as another revision. Its layers are reused, but the labels are those of this
      // revision.
      const label = '{{index .Config.Labels "org.opencontainers.image.revision"}}';
      const revision = await engine.run(['image', 'inspect', '--format', label, first.reference]);
      expect(revision).toBe('same-commit');
      const builtLog = readFileSync(logFile, 'utf8');
      const second = await builder.build('sidecar', 'same-commit');
      const againLog = readFileSync(logFile, 'utf8').slice(builtLog.length);
      expect(second).toEqual(first);
      expect(builtLog).toMatch(/ STEP \d+/);
      expect(againLog).not.toMatch(/ STEP \d+/);
      expect(againLog).toMatch(/sbom\/sidecar\.cdx\.json: \d+ components, \d+ of them Debian packages/);
      await engine.run(['tag', first.reference, 'localhost/kept/sidecar:same-commit']);
    }
    // The build's images remain in the engine only under other names.
    const names = await engine.run(['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}']);
    expect(names.split('\n').filter((name) => name.startsWith(registry))).toEqual([]);
    expect(await engine.run(['image', 'rm', 'localhost/kept/sidecar:same-commit'])).not.toBe('');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
