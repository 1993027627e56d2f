import { createHash } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AssetHashType, DockerImage, FileSystem, Stage } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { contentHash } from './content-hash.ts';
import { packageClosure } from './package-closure.ts';

const repository = fileURLToPath(new URL('../../../..', import.meta.url)).replace(/\/$/, '');
/** The test, and the contracts with which it reads its settings. */
const sources = [join('test', 'integration'), join('packages', 'contracts', 'src')];
const [test] = sources as [string, ...string[]];
/** The packages that the test imports; their dependencies are added. */
const packages = ['vitest', 'zod'];

/**
 * The integration test with all the installed packages it needs, because it cannot reach a registry where it runs.
 * The asset's hash covers the test's files and the packages' versions, so it changes only when the test does.
 */
export function integrationTestAsset(scope: Construct, id: string): Asset {
  const closure = packageClosure(repository, packages);
  return new Asset(scope, id, {
    path: join(repository, test),
    assetHashType: AssetHashType.CUSTOM,
    assetHash: hash(closure),
    bundling: {
      image: DockerImage.fromRegistry('never used'),
      local: {
        tryBundle(directory) {
          copyTest(directory, closure);
          return true;
        },
      },
    },
  });
}

/** The hash of the files in the asset, with which the build verifies them. */
export function assetContentHash(asset: Asset): string {
  const { assetPath, assetHash } = asset;
  // The CDK does not bundle for stacks that are not selected. The asset is then the source folder, which may hold leftovers
  // of the last run, so use the source's hash.
  if (assetPath === join(repository, test)) return assetHash;
  const directory = isAbsolute(assetPath) ? assetPath : join(Stage.of(asset)?.outdir ?? '', assetPath);
  return contentHash(directory);
}

function copyTest(directory: string, closure: readonly string[]): void {
  writeFileSync(join(directory, 'package.json'), '{ "private": true, "type": "module" }\n');
  for (const source of sources) {
    cpSync(join(repository, source), join(directory, source), {
      recursive: true,
      filter: (path) => !/\/node_modules(\/|$)/.test(path.slice(repository.length)),
    });
  }
  for (const source of closure) {
    cpSync(source, join(directory, relative(repository, source)), {
      recursive: true,
      // Nested packages have their own entries in the list. Type declarations and source maps are not needed to run.
      filter: (path) => !/\/node_modules(\/|$)|\.d\.[cm]?ts$|\.map$/.test(path.slice(source.length)),
    });
  }
}

function hash(closure: readonly string[]): string {
  const digest = createHash('sha256');
  for (const source of sources) {
    digest.update(FileSystem.fingerprint(join(repository, source), { exclude: ['node_modules'] }));
  }
  for (const directory of closure) {
    const { name, version } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
    digest.update(`${name}@${version}\n`);
  }
  return digest.digest('hex');
}
