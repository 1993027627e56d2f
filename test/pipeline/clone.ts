import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execaSync } from 'execa';
import { exampleInput } from '../infrastructure/example-deployment.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const parts = [
  '.gitignore',
  'bin',
  'buildspecs',
  'lib',
  'local',
  'packages',
  'services',
  'test',
  'accepted-findings.json',
  'base-images.json',
  'biome.json',
  'cdk.json',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'vitest.config.ts',
];

/**
 * A copy of this repository's sources that a test may change, with the packages installed here and with the configuration
 * of the example or another one.
 */
export class Clone {
  readonly directory = mkdtempSync(join(tmpdir(), 'clone-'));

  constructor(deployment = exampleInput) {
    for (const part of parts) {
      cpSync(join(repository, part), join(this.directory, part), {
        recursive: true,
        filter: (path) => !/\/(node_modules|dist|\.state|cdk\.out)(\/|$)/.test(path.slice(repository.length)),
      });
    }
    symlinkSync(join(repository, 'node_modules'), join(this.directory, 'node_modules'));
    const { context, ...cdk } = JSON.parse(this.read('cdk.json'));
    this.write('cdk.json', JSON.stringify({ ...cdk, context: { ...context, deployment } }));
    // The lint gate requires this format.
    execaSync('biome', ['format', '--write', 'cdk.json'], { cwd: this.directory, preferLocal: true });
  }

  read(file: string): string {
    return readFileSync(join(this.directory, file), 'utf8');
  }

  /** Overwrites or creates a file. */
  write(file: string, text: string): void {
    writeFileSync(join(this.directory, file), text);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
