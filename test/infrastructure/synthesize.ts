import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { createGuardedApp } from '../../lib/application.ts';
import {
  type Deployment,
  type DeploymentInput,
  loadDeployment,
  placeholderDigests,
} from '../../lib/config/index.ts';
import { DatabaseStage } from '../../lib/stages/database-stage.ts';
import { NetworkDirectoryStage } from '../../lib/stages/network-directory-stage.ts';
import { ServiceStage } from '../../lib/stages/service-stage.ts';
import type { SynthesizedTemplate } from './template.ts';
import { readReport, type ValidationReport } from './validation-report.ts';

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

/** The example with everything switched on that is off by default, in its first environment. */
export function fullDeployment(): Deployment {
  return exampleDeployment(({ environments: [staging] }) => {
    if (!staging) throw new Error('The example has no environment.');
    staging.alarmEmail = 'operators@example.com';
    staging.network = { zones: ['a', 'b', 'c'], natGateways: 1, managementHost: true };
    staging.service = { credentialMode: 'fetched', deployment: 'blue-green' };
    staging.loadBalancer = {
      scheme: 'internet-facing',
      allowedClients: ['0.0.0.0/0'],
      hostName: 'music.example.com',
      hostedZone: { id: 'Z0123456789ABCDEFGHIJ', name: 'example.com' },
    };
  });
}

/** What a synthesis has written. */
export interface Synthesis {
  /** One stack of an environment, such as `template('staging', 'network')`. */
  template(environment: string, part: 'network' | 'directory' | 'database' | 'service'): SynthesizedTemplate;
  /** All templates by the names of their stacks, in the order of deployment. */
  readonly templates: ReadonlyMap<string, SynthesizedTemplate>;
  readonly report: ValidationReport;
}

/** Synthesizes all environments of a deployment, without the pipeline, as `cdk synth` would. */
export function synthesize(deployment: Deployment): Synthesis {
  return withApp((app) => {
    for (const environment of deployment.environments) {
      const place = { deployment, environment };
      new NetworkDirectoryStage(app, `${environment.name}-network-directory`, place);
      new DatabaseStage(app, `${environment.name}-database`, place);
      new ServiceStage(app, `${environment.name}-service`, { ...place, images: placeholderDigests });
    }
    const templates = new Map(
      app.synth().stacksRecursively.map((stack) => [stack.stackName, stack.template as SynthesizedTemplate]),
    );
    return {
      templates,
      report: readReport(app.outdir),
      template(environment, part) {
        const template = templates.get(`${deployment.name}-${environment}-${part}`);
        if (!template) throw new Error(`There is no stack ${part} of ${environment}.`);
        return template;
      },
    };
  });
}

/** Templates are looked at, not the code of functions: leaving it unbundled takes a third of the time. */
const withoutBundling = { 'aws:cdk:bundling-stacks': [], 'aws:cdk:disable-asset-staging': true };

/** Hands over an app with the feature flags of `cdk.json` and cdk-nag; what it writes is gone afterwards. */
export function withApp<Result>(use: (app: App) => Result): Result {
  const outdir = mkdtempSync(join(tmpdir(), 'synthesis-'));
  try {
    return use(createGuardedApp({ context: { ...context, ...withoutBundling }, outdir }));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
