import { type Deployment, placeholderDigests } from '../../lib/config/index.ts';
import { PipelineStack } from '../../lib/delivery/pipeline-stack.ts';
import {
  type Acknowledgement,
  acknowledgementsIn,
  unusedAcknowledgements,
} from '../../lib/validation/acknowledgements.ts';
import { readReport, type ValidationReport } from '../../lib/validation/validation-report.ts';
import { madeOnce } from '../made-once.ts';
import { templatesOf, withApp } from './synthesize.ts';
import type { SynthesizedTemplate } from './template.ts';

/** A complete deployment as `npm run synth` creates and validates it: the pipeline and everything that it deploys. */
export interface Validated {
  /** All templates by stack name. */
  readonly templates: ReadonlyMap<string, SynthesizedTemplate>;
  readonly report: ValidationReport;
  readonly acknowledgements: readonly Acknowledgement[];
  readonly unusedAcknowledgements: readonly Acknowledgement[];
}

/**
 * Validates a deployment. Each deployment is validated once per test run, because that takes seconds.
 *
 * @throws Error with all findings if a plugin has found an error
 */
export function validated(deployment: Deployment): Validated {
  return madeOnce('validated', deployment, () => validate(deployment));
}

function validate(deployment: Deployment): Validated {
  return withApp((app) => {
    new PipelineStack(app, 'pipeline', { deployment, images: placeholderDigests });
    return {
      templates: templatesOf(app.synth()),
      report: readReport(app.outdir),
      acknowledgements: acknowledgementsIn(app),
      unusedAcknowledgements: unusedAcknowledgements(app),
    };
  });
}
