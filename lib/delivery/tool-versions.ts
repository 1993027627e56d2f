import { readFileSync } from 'node:fs';

const { devDependencies } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { devDependencies: Record<string, string> };

/** Versions of what CDK Pipelines installs by itself in its own actions. */
export const toolVersions = {
  /** The CDK CLI that package.json pins, so that a build and a developer use the same one. */
  cdk: devDependencies['aws-cdk'] ?? '',
  /** `cdk-assets` is used nowhere else. */
  cdkAssets: '4.7.3',
};
