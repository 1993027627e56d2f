import { Stack } from 'aws-cdk-lib';
import { expect, test } from 'vitest';
import { withUnvalidatedApp } from '../../../../test/infrastructure/synthesize.ts';
import { assetContentHash, integrationTestAsset } from './integration-test-asset.ts';

test('where nothing is bundled, what a run has left in the folder of the source changes no template', () => {
  withUnvalidatedApp((app) => {
    const asset = integrationTestAsset(new Stack(app, 'stack'), 'Test');
    expect(assetContentHash(asset)).toBe(asset.assetHash);
    expect(asset.assetHash).toMatch(/^[0-9a-f]{64}$/);
  });
});
