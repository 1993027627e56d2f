import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '@packages/service/bundle';
import { expect, test } from 'vitest';

test('the web service contains no AWS SDK, not even through a dependency', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'own-code-'));
  try {
    const sources = await bundle(join(import.meta.dirname, '..'), folder);
    expect(sources).toContain('services/web/src/app.ts');
    expect(sources.filter((source) => /node_modules\/(?:@aws-sdk|@smithy|aws-sdk)\//.test(source))).toEqual(
      [],
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
