import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFileSetProducer } from 'aws-cdk-lib/pipelines';
import { templateReaderName } from '../../config/iam-names.ts';
import type { Environment } from '../../config/index.ts';
import type { BuildContext } from '../build-context.ts';
import { BuildStep } from './build-step.ts';

export interface ChangeSummaryStepProps {
  /** Tells the projects of several approvals apart. */
  readonly name: string;
  readonly environment: Environment;
  /** The stages whose templates are compared with what is deployed. */
  readonly stages: readonly string[];
  readonly cloudAssembly: IFileSetProducer;
}

/**
 * Compares the templates of stages with what is deployed, and exports a summary for the approval.
 * It reads as the account's reader of templates: the look-up role of the bootstrap could read all that is in the account.
 */
export class ChangeSummaryStep extends BuildStep {
  constructor(context: BuildContext, props: ChangeSummaryStepProps) {
    const { name, environment, stages, cloudAssembly } = props;
    const reader = `arn:aws:iam::${environment.account}:role/${templateReaderName(context.deployment)}`;
    super(context, {
      action: 'Changes',
      name,
      buildspec: 'change-summary',
      input: cloudAssembly,
      env: { CHANGED_STAGES: stages.join(' '), TEMPLATE_READER_ARN: reader },
      timeout: Duration.minutes(15),
      statements: [new PolicyStatement({ actions: ['sts:AssumeRole'], resources: [reader] })],
    });
  }

  /** Pipeline variable with a few lines on what would change. */
  get summary(): string {
    return this.exportedVariable('CHANGE_SUMMARY');
  }

  /** Pipeline variable with the address of the whole comparison. */
  get detailsUrl(): string {
    return this.exportedVariable('CHANGE_DETAILS_URL');
  }
}
