// `publish-assets --assembly DIRECTORY STAGE…`: uploads the files that the stacks of these stages need (code of
// functions, the integration test) to the accounts' buckets of the bootstrap. Templates travel as CodePipeline's
// artifact.
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import {
  AssetManifest,
  AssetPublishing,
  DefaultAwsClient,
  type IPublishProgress,
} from '@aws-cdk/cdk-assets-lib';
import { usualLimits } from '../aws/patience.ts';
import { stageAssetManifests } from './changes/assembly.ts';
import { fileAssets } from './changes/assets.ts';
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
    fileAssets(assembly, relative(assembly, manifest));
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

/**
 * The library's clients have no limits, and no option for them: they are put where its version, which is pinned, takes the
 * configuration of its clients from. An answer that does not come is an error, and is asked for again.
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
