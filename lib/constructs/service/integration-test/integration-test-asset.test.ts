import { Stack } from 'aws-cdk-lib';
import { expect, test } from 'vitest';
import { withUnvalidatedApp } from '../../../../test/infrastructure/synthesize.ts';
import { assetContentHash, integrationTestAsset } from './integration-test-asset.ts';

test('without bundling, leftovers of a run in the source folder do not change the template', () => {
  withUnvalidatedApp((app) => {
    const asset = integrationTestAsset(new Stack(app, 'stack'), 'Test');
    expect(assetContentHash(asset)).toBe(asset.assetHash);
    expect(asset.assetHash).toMatch(/^[0-9a-f]{64}$/);
  });
});
