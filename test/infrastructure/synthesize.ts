import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { createGuardedApp } from '../../lib/application.ts';
import { type Deployment, type DeploymentInput, loadDeployment } from '../../lib/config/index.ts';

const cdkJson = new URL('../../cdk.json', import.meta.url);
/** The context of `cdk.json`: the feature flags and the example deployment. */
export const context = JSON.parse(readFileSync(cdkJson, 'utf8')).context as Record<string, unknown> & {
  deployment: DeploymentInput;
};

/** The example deployment, changed by `change`. */
export function exampleDeployment(change: (deployment: DeploymentInput) => void = () => {}): Deployment {
  const input = structuredClone(context.deployment);
  change(input);
  return loadDeployment(input);
}

/** An app with the feature flags of `cdk.json` and cdk-nag, that writes to a directory of its own. */
export function testApp(): App {
  return createGuardedApp({ context, outdir: mkdtempSync(join(tmpdir(), 'synth-')) });
}
