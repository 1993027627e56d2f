import type { ApprovalAction, DeployAction } from '../../../local/pipeline/pipeline.ts';
import type { SynthesizedPipeline } from '../synthesized-pipeline.ts';
import { orderOf, place } from './order.ts';

const parts = {
  'network-directory': 'beforeEnvironment',
  database: 'beforeDatabase',
  service: 'beforeService',
} as const;

/** Where a person is asked, as `<environment> before <part>`, in the order of the pipeline. */
export function approvalsIn(synthesized: SynthesizedPipeline): string[] {
  const { actions } = orderOf(synthesized.pipeline);
  return actions
    .filter((action) => action.kind === 'approval')
    .map((approval) => {
      const next = nextDeployments(synthesized, approval);
      const [stage = ''] = new Set(next.map((deployment) => deployment.stage));
      const [, environment, part] = /^([a-z0-9]+)-(.+)$/.exec(stage) ?? [];
      return `${environment} before ${part}`;
    });
}

/** Where the configuration wants a person to be asked. */
export function approvalsWanted({ deployment }: SynthesizedPipeline): string[] {
  return deployment.environments.flatMap(({ name, approvals }) =>
    Object.entries(parts)
      .filter(([, key]) => approvals[key])
      .map(([part]) => `${name} before ${part}`),
  );
}

/** Approvals that are asked for without saying what would change, or with the changes of something else. */
export function blindApprovals(synthesized: SynthesizedPipeline): string[] {
  const { actions, builds, deployments, before } = orderOf(synthesized.pipeline);
  return actions
    .filter((action) => action.kind === 'approval')
    .flatMap((approval) => {
      const changes = builds.find(({ name, stage }) => name === 'Changes' && stage === approval.stage);
      if (!changes || changes.runOrder >= approval.runOrder) return [`${place(approval)} shows no changes`];
      const exported = changes.buildspec.env?.['exported-variables'] ?? [];
      const compared = changes.environment.CHANGED_STAGES?.split(' ') ?? [];
      const next = nextDeployments(synthesized, approval);
      const until = actions.find((action) => action.kind === 'approval' && before(action).includes(approval));
      // An approval answers for all that is deployed before the next one of the same environment is asked for.
      const answered = deployments
        .filter((deployment) => before(deployment).includes(approval))
        .filter((deployment) => !until || !before(deployment).includes(until))
        .filter(({ stage }) => environmentOf(stage) === environmentOf(next[0]?.stage));
      const missing = new Set(
        answered.map(({ stage }) => stage).filter((stage) => !compared.includes(stage)),
      );
      return [
        ...(approval.summary === `#{${changes.namespace}.CHANGE_SUMMARY}` &&
        exported.includes('CHANGE_SUMMARY')
          ? []
          : [`${place(approval)} has no summary`]),
        ...(approval.link === `#{${changes.namespace}.CHANGE_DETAILS_URL}` &&
        exported.includes('CHANGE_DETAILS_URL')
          ? []
          : [`${place(approval)} has no link`]),
        ...[...missing].map((stage) => `${place(approval)} does not show the changes of ${stage}`),
      ];
    });
}

/** Names of environments have no hyphen, so a stage's begins with its environment's. */
function environmentOf(stage = ''): string {
  return stage.split('-')[0] ?? '';
}

/** The deployments of the stage that comes right after an approval. */
function nextDeployments({ pipeline }: SynthesizedPipeline, approval: ApprovalAction): DeployAction[] {
  const { deployments, before } = orderOf(pipeline);
  const after = deployments.filter((deployment) => before(deployment).includes(approval));
  return after.filter(({ stage }) => stage === after[0]?.stage);
}
