import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startImageBuilder } from '../../local/containers/images/image-builder.ts';
import { builtImages } from './built-images.ts';

test('the pipeline builds and pushes a tag once; the next build finds it and pulls it by digest', async () => {
  const { engine } = await builtImages();
  const folder = await mkdtemp(join(tmpdir(), 'image-builder-'));
  const logFile = join(folder, 'build.log');
  try {
    await using builder = await startImageBuilder(engine, { logFile });
    const first = await builder.build('sidecar', 'commit-1');
    expect(await readFile(logFile, 'utf8')).toMatch(/sidecar\.cdx\.json: \d+ components, 15 of them Debian/);
    const before = (await readFile(logFile, 'utf8')).length;

    expect(await builder.build('sidecar', 'commit-1')).toEqual(first);
    const second = (await readFile(logFile, 'utf8')).slice(before);
    // Match the engine's output, not the command that was run.
    expect(second).not.toMatch(/^STEP|^Step /m);

    const layers = (reference: string) =>
      engine.run(['image', 'inspect', '--format', '{{json .RootFS.Layers}}', reference]);
    const pushed = await layers(first.reference);
    await engine.run(['image', 'rm', first.reference]);
    const byDigest = first.reference.replace(/:commit-1$/, `@${first.digest}`);
    await engine.run(['pull', '--quiet', byDigest]);
    expect(await layers(byDigest)).toBe(pushed);
    await engine.run(['image', 'rm', byDigest]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a failed build is reported with its command and the end of its output', async () => {
  const { engine } = await builtImages();
  const folder = await mkdtemp(join(tmpdir(), 'image-builder-'));
  try {
    const logFile = join(folder, 'build.log');
    await using builder = await startImageBuilder(engine, { logFile });
    await expect(builder.build('sidecar', 'not a tag')).rejects.toThrow(
      /^The image of sidecar could not be built: .*registry-password\.ts[\s\S]*IMAGE_TAG is "not a tag"/,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
