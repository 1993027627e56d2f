import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ActionRun } from '../run-action.ts';

interface AssemblyRun {
  /** The folder that Synth wrote, which runs the commit's own code. */
  assembly(): string;
  /** A folder for the traces of a command that ran. */
  folder(): string;
  run(where: string): Promise<ActionRun>;
  haveSigned(): void;
}

/** Tests that an assembly cannot make an action run commands with permissions that its commit does not have. */
export function foreignCommandTests({ assembly, folder, run, haveSigned }: AssemblyRun): void {
  const trace = () => join(folder(), 'trace');

  test('update the pipeline without obeying settings for the CLI in the assembly', async () => {
    const settings = join(assembly(), 'cdk.json');
    const plugin = join(assembly(), 'plugin.cjs');
    writeFileSync(plugin, `require('node:fs').writeFileSync(${JSON.stringify(trace())}, 'plugin');`);
    try {
      for (const setting of [{ build: `touch ${trace()}` }, { plugin: [plugin] }]) {
        writeFileSync(settings, JSON.stringify(setting));
        const { status, log } = await run('UpdatePipeline/SelfMutate');
        expect(status, log).toBe('SUCCEEDED');
        expect(existsSync(trace()), `${Object.keys(setting)} was taken from cdk.json`).toBe(false);
      }
    } finally {
      rmSync(settings);
      rmSync(plugin);
    }
  });

  test.each([
    ['Provenance/Changes', 'pipeline.assets.json'],
    ['staging-database/Assets', 'assembly-pipeline-staging-database/'],
  ])('%s refuses an asset that is made by a command', async (where, manifest) => {
    haveSigned();
    const [file = ''] = manifest.endsWith('/') ? databaseAssets(manifest) : [manifest];
    const before = readFileSync(join(assembly(), file), 'utf8');
    const changed = JSON.parse(before);
    const [asset] = Object.values(changed.files as Record<string, { source: object }>);
    if (asset) asset.source = { executable: ['touch', trace()] };
    writeFileSync(join(assembly(), file), JSON.stringify(changed));
    try {
      const { status, log } = await run(where);
      expect(log).toContain(`${file} has an asset with "executable"`);
      expect(status).toBe('FAILED');
      expect(existsSync(trace())).toBe(false);
    } finally {
      writeFileSync(join(assembly(), file), before);
    }
  });

  test('refuse an assembly for which the CLI would build an image or look up values', async () => {
    const file = join(assembly(), 'manifest.json');
    const before = readFileSync(file, 'utf8');
    const image = {
      packaging: 'container-image',
      path: '.',
      id: 'x',
      sourceHash: 'x',
      imageNameParameter: 'X',
    };
    const noted = JSON.parse(before);
    noted.artifacts.pipeline.metadata = { '/pipeline': [{ type: 'aws:cdk:asset', data: image }] };
    const missing = { ...JSON.parse(before), missing: [{ key: 'x', provider: 'plugin', props: {} }] };
    try {
      for (const [changed, sentence] of [
        [noted, 'the stack pipeline has a note "aws:cdk:asset"'],
        [missing, 'values are missing, which the CLI would look up'],
      ]) {
        writeFileSync(file, JSON.stringify(changed));
        const { status, log } = await run('Provenance/Changes');
        expect(log).toContain(sentence);
        expect(status).toBe('FAILED');
      }
    } finally {
      writeFileSync(file, before);
    }
  });

  test('refuse to publish a file that no template names, as a later commit might use that name', async () => {
    haveSigned();
    const [file = ''] = databaseAssets('assembly-pipeline-staging-database/');
    const before = readFileSync(join(assembly(), file), 'utf8');
    const other = `${'8'.repeat(64)}.zip`;
    writeFileSync(join(assembly(), file), before.replace(/[0-9a-f]{64}\.zip/, other));
    try {
      const { status, log } = await run('staging-database/Assets');
      expect(log).toMatch(new RegExp(`uploads asset\\.\\w+ as \\S+/${other}, which no template names`));
      expect(status).toBe('FAILED');
    } finally {
      writeFileSync(join(assembly(), file), before);
    }
  });

  /** The asset manifests of a stage that have a zip file besides the template. */
  function databaseAssets(directory: string): string[] {
    const { artifacts } = JSON.parse(readFileSync(join(assembly(), directory, 'manifest.json'), 'utf8'));
    return Object.values(artifacts as Record<string, { type: string; properties: { file: string } }>)
      .filter(({ type }) => type === 'cdk:asset-manifest')
      .map(({ properties }) => join(directory, properties.file))
      .filter((file) => readFileSync(join(assembly(), file), 'utf8').includes('"zip"'));
  }
}
