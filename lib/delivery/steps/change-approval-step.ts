import { ManualApprovalStep } from 'aws-cdk-lib/pipelines';
import type { ChangeSummaryStep } from './change-summary-step.ts';

/** A manual approval that shows the summary of the changes and links to the whole comparison. */
export class ChangeApprovalStep extends ManualApprovalStep {
  constructor(id: string, changes: ChangeSummaryStep) {
    super(id, { comment: changes.summary, reviewUrl: changes.detailsUrl });
    this.addStepDependency(changes);
  }
}
