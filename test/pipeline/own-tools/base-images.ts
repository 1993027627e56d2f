import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { imageArtifact } from '../../../lib/config/pipeline-names.ts';
import { writtenBase } from '../fakes/built-delivery.ts';
import type { ActionRun } from '../run-action.ts';

interface WebRun {
  /** The digest of web's image. */
  readonly digest: string;
  run(where: string): Promise<ActionRun>;
  /** Stores the signed statements of the images in their bucket. */
  haveSigned(): void;
  /** The artifacts of the image builds, as folders. */
  sboms(): Readonly<Record<string, string>>;
}

/** The test of what the check before a deployment reports about base images. */
export function baseImageTests({ digest, run, haveSigned, sboms }: WebRun): void {
  test('report before a deployment the base image of each image, and whether they differ', async () => {
    const on = `@${digest}: built by arn:aws:codebuild:eu-central-1:111111111111:build/windows-auth-image-web:1 from`;
    haveSigned();
    const same = await run('staging-service/Assets');
    expect(same.log).toContain(`${on} ${writtenBase.name}@${writtenBase.digest}\n`);
    expect(same.log).not.toContain('Not all images are built from the same');
    const file = join(sboms()[imageArtifact('web')] ?? '', 'web.cdx.json');
    const other = `sha256:${'8'.repeat(64)}`;
    writeFileSync(file, readFileSync(file, 'utf8').replace(writtenBase.digest, other));
    await run('Provenance/Sign');
    const { status, log } = await run('staging-service/Assets');
    expect(status, log).toBe('SUCCEEDED');
    expect(log).toContain(`${on} ${writtenBase.name}@${other}\n`);
    expect(log).toMatch(
      /^Not all images are built from the same registry\.example\/node:24: sha256:\d{64} \(\S+\); sha256:\d{64} \(\S+\)\.$/m,
    );
    writeFileSync(file, readFileSync(file, 'utf8').replace('"pedigree"', '"unknown"'));
    await run('Provenance/Sign');
    expect((await run('staging-service/Assets')).log).toContain(`${on} no recorded base image\n`);
  });
}
