import { ManualApprovalStep } from 'aws-cdk-lib/pipelines';
import type { ChangeSummaryStep } from './change-summary-step.ts';

/** Asks a person, showing what would change and where the whole comparison is. */
export class ChangeApprovalStep extends ManualApprovalStep {
  constructor(id: string, changes: ChangeSummaryStep) {
    super(id, { comment: changes.summary, reviewUrl: changes.detailsUrl });
    this.addStepDependency(changes);
  }
}
