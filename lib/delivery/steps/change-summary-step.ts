import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFileSetProducer } from 'aws-cdk-lib/pipelines';
import type { Environment } from '../../config/index.ts';
import { bootstrapRoleArn } from '../bootstrap-roles.ts';
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
 * It reads through the bootstrap's lookup role, which may read and change nothing.
 */
export class ChangeSummaryStep extends BuildStep {
  constructor(context: BuildContext, props: ChangeSummaryStepProps) {
    const { name, environment, stages, cloudAssembly } = props;
    super(context, {
      action: 'Changes',
      name,
      buildspec: 'change-summary',
      input: cloudAssembly,
      env: { CHANGED_STAGES: stages.join(' ') },
      timeout: Duration.minutes(15),
      statements: [
        new PolicyStatement({
          actions: ['sts:AssumeRole'],
          resources: [bootstrapRoleArn(context.scope, 'lookup', environment)],
        }),
      ],
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
