import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type AppProps, Validations } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { createGuardedApp } from '../../lib/application.ts';
import { type Deployment, placeholderDigests } from '../../lib/config/index.ts';
import type { StackPart } from '../../lib/config/stack-names.ts';
import { DatabaseStage } from '../../lib/stages/database-stage.ts';
import { NetworkDirectoryStage } from '../../lib/stages/network-directory-stage.ts';
import { ServiceStage } from '../../lib/stages/service-stage.ts';
import { madeOnce } from '../made-once.ts';
import { exampleInput } from './example-deployment.ts';
import type { SynthesizedTemplate } from './template.ts';
import { validator } from './validator.ts';

export { type StackPart, stackParts } from '../../lib/config/stack-names.ts';
export { exampleDeployment, existingDeployment, fullDeployment } from './example-deployment.ts';

const cdkJson = new URL('../../cdk.json', import.meta.url);
/** The CDK context of `cdk.json` (its feature flags), with the example deployment. */
export const context: Record<string, unknown> = {
  ...JSON.parse(readFileSync(cdkJson, 'utf8')).context,
  deployment: exampleInput,
};

/** The result of a synthesis. */
export interface Synthesis {
  /** One stack of an environment, such as `template('staging', 'network')`. */
  template(environment: string, part: StackPart): SynthesizedTemplate;
  /** All templates by stack name, in the order of deployment. */
  readonly templates: ReadonlyMap<string, SynthesizedTemplate>;
}

/**
 * Synthesizes all environments of a deployment, without the pipeline and without any validation. The same deployment is
 * synthesized once per test run.
 */
export function synthesize(deployment: Deployment): Synthesis {
  const templates = madeOnce('environments', deployment, () => environmentTemplates(deployment));
  return {
    templates,
    template(environment, part) {
      const template = templates.get(`${deployment.name}-${environment}-${part}`);
      // If someone else manages the contents of the database, there is no stack for them.
      if (!template && part === 'database-contents') return { Resources: {} };
      if (!template) throw new Error(`There is no stack ${part} of ${environment}.`);
      return template;
    },
  };
}

function environmentTemplates(deployment: Deployment): Synthesis['templates'] {
  return withUnvalidatedApp((app) => {
    for (const environment of deployment.environments) {
      const props = { deployment, environment };
      new NetworkDirectoryStage(app, `${environment.name}-network-directory`, props);
      new DatabaseStage(app, `${environment.name}-database`, props);
      new ServiceStage(app, `${environment.name}-service`, { ...props, images: placeholderDigests });
    }
    return templatesOf(app.synth());
  });
}

/** All templates of an assembly by stack name, including those of its stages. */
export function templatesOf(assembly: CloudAssembly): ReadonlyMap<string, SynthesizedTemplate> {
  return new Map(
    assembly.stacksRecursively.map((stack) => [stack.stackName, stack.template as SynthesizedTemplate]),
  );
}

/** Creates an app like that of `npm run synth`, with all validation; its output is removed afterwards. */
export function withApp<Result>(use: (app: App) => Result): Result {
  return inApp((props) => {
    const app = createGuardedApp(props);
    Validations.of(app).addPlugins(validator());
    return app;
  }, use);
}

/** The same without validation, which takes most of the time. */
export function withUnvalidatedApp<Result>(use: (app: App) => Result): Result {
  return inApp((props) => new App({ ...props, builtinCloudFormationValidation: false }), use);
}

/**
 * Tests only look at templates. Leaving out the code of functions and the stack traces of constructs and tokens saves
 * half of the time.
 */
const templatesAlone = {
  'aws:cdk:bundling-stacks': [],
  'aws:cdk:disable-asset-staging': true,
  'aws:cdk:disable-stack-trace': true,
  'aws:cdk:disable-creation-stack-traces': true,
  'aws:cdk:disable-logicalId-metadata': true,
};

function inApp<Result>(create: (props: AppProps) => App, use: (app: App) => Result): Result {
  const outdir = mkdtempSync(join(tmpdir(), 'synthesis-'));
  try {
    return use(create({ context: { ...context, ...templatesAlone }, outdir, treeMetadata: false }));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
