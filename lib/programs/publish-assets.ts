// `publish-assets --assembly DIRECTORY STAGE…`: uploads the files that the stacks of these stages need (code of
// functions, the integration test) to the accounts' buckets of the bootstrap. Templates travel as CodePipeline's
// artifact.
import { parseArgs } from 'node:util';
import {
  AssetManifest,
  AssetPublishing,
  DefaultAwsClient,
  type IPublishProgress,
} from '@aws-cdk/cdk-assets-lib';
import { stageAssetManifests } from './changes/assembly.ts';
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
  const aws = new DefaultAwsClient();
  const progressListener = {
    onPublishEvent: (_type: string, event: IPublishProgress) => progress(event.message),
  };
  for (const manifest of positionals.flatMap((stage) => stageAssetManifests(assembly, stage))) {
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

function isTemplate(source: unknown): boolean {
  return (source as { path?: string }).path?.endsWith('.template.json') ?? false;
}

runProgram(publishAssets);
