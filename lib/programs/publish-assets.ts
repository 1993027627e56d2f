// `publish-assets --assembly DIRECTORY STAGE…`: uploads the files that the stacks of these stages need (functions' code,
// the integration test) to the accounts' bootstrap buckets. Templates are not uploaded: CodePipeline deploys them from its
// artifact.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import {
  AssetManifest,
  AssetPublishing,
  DefaultAwsClient,
  type IPublishProgress,
} from '@aws-cdk/cdk-assets-lib';
import { usualLimits } from '../aws/patience.ts';
import { stageAssetManifests } from './changes/assembly.ts';
import { fileAssets, unnamedAsset } from './changes/assets.ts';
import { progress, runProgram } from './program.ts';

async function publishAssets(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { assembly: { type: 'string' } },
  });
  const { assembly } = values;
  if (!assembly || positionals.length === 0) {
    throw new Error('usage: publish-assets --assembly DIRECTORY STAGE…');
  }
  const aws = withLimits(new DefaultAwsClient());
  const progressListener = {
    onPublishEvent: (_type: string, event: IPublishProgress) => progress(event.message),
  };
  for (const manifest of positionals.flatMap((stage) => stageAssetManifests(assembly, stage))) {
    const problem = unnamedAsset(
      fileAssets(assembly, relative(assembly, manifest)).filter(
        ({ path }) => !path.endsWith('.template.json'),
      ),
      templatesBeside(manifest),
    );
    if (problem) throw new Error(`${manifest} ${problem}.`);
    const assets = AssetManifest.fromFile(manifest);
    const publishing = new AssetPublishing(assets, { aws, progressListener });
    for (const asset of assets.entries.filter((entry) => !isTemplate(entry.genericSource))) {
      await publishing.buildEntry(asset);
      await publishing.publishEntry(asset);
      const [failure] = publishing.failures;
      if (failure) throw failure.error;
    }
  }
}

/** The templates in the same stage as the manifest. */
function templatesBeside(manifest: string): string[] {
  return readdirSync(dirname(manifest))
    .filter((name) => name.endsWith('.template.json'))
    .map((name) => readFileSync(join(dirname(manifest), name), 'utf8'));
}

/**
 * Adds timeouts to the library's clients, for which it has no option: sets them in the private fields from which its pinned
 * version takes the clients' configuration. A request without a response then fails and is retried.
 */
function withLimits(aws: DefaultAwsClient): DefaultAwsClient {
  const limits = {
    requestHandler: {
      connectionTimeout: usualLimits.connect * 1000,
      requestTimeout: usualLimits.answer * 1000,
      throwOnRequestTimeout: true,
    },
  };
  const { config } = aws as unknown as { readonly config: { readonly clientConfig: object } };
  Object.assign(config, limits);
  Object.assign(config.clientConfig, limits);
  return aws;
}

function isTemplate(source: unknown): boolean {
  return (source as { path?: string }).path?.endsWith('.template.json') ?? false;
}

runProgram(publishAssets);
