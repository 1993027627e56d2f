import type { ApprovalAction, DeployAction } from '../../../local/pipeline/pipeline.ts';
import type { SynthesizedPipeline } from '../synthesized-pipeline.ts';
import { orderOf, place } from './order.ts';

const parts = {
  'network-directory': 'beforeEnvironment',
  database: 'beforeDatabase',
  service: 'beforeService',
} as const;

/** The approvals of a pipeline, as `<environment> before <part>`, in order. */
export function approvalsIn(synthesized: SynthesizedPipeline): string[] {
  const { actions } = orderOf(synthesized.pipeline);
  return actions
    .filter((action) => action.kind === 'approval')
    .map((approval) => {
      if (approval.stage === 'Pipeline-approval') return 'pipeline before its update';
      const next = nextDeployments(synthesized, approval);
      const [stage = ''] = new Set(next.map((deployment) => deployment.stage));
      const [, environment, part] = /^([a-z0-9]+)-(.+)$/.exec(stage) ?? [];
      return `${environment} before ${part}`;
    });
}

/** The approvals that the configuration asks for. */
export function approvalsWanted({ deployment }: SynthesizedPipeline): string[] {
  const wanted = deployment.environments.flatMap(({ name, approvals }) =>
    Object.entries(parts)
      .filter(([, key]) => approvals[key])
      .map(([part]) => `${name} before ${part}`),
  );
  return wanted.length > 0 ? ['pipeline before its update', ...wanted] : [];
}

/** Approvals that do not show what would change, or show the changes of something else. */
export function blindApprovals(synthesized: SynthesizedPipeline): string[] {
  const { actions, deployments, before } = orderOf(synthesized.pipeline);
  return actions
    .filter((action) => action.kind === 'approval')
    .flatMap((approval) => {
      const changes = before(approval).findLast(({ name }) => name === 'Changes');
      if (changes?.kind !== 'build') return [`${place(approval)} shows no changes`];
      const exported = changes.buildspec.env?.['exported-variables'] ?? [];
      const compared = changes.environment.CHANGED_STACKS?.split(' ') ?? [];
      const isPipeline = approval.stage === 'Pipeline-approval';
      const next = isPipeline ? [] : nextDeployments(synthesized, approval);
      const until = actions.find((action) => action.kind === 'approval' && before(action).includes(approval));
      // An approval covers everything deployed before the next approval of the same environment.
      const answered = deployments
        .filter((deployment) => before(deployment).includes(approval))
        .filter((deployment) => !until || !before(deployment).includes(until))
        .filter(({ stage }) => environmentOf(stage) === environmentOf(next[0]?.stage));
      const missing = answered.filter(
        ({ region, stackName, templatePath }) => !compared.includes(`${region}/${stackName}=${templatePath}`),
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
        ...missing.map(({ stackName }) => `${place(approval)} does not show the changes of ${stackName}`),
      ];
    });
}

/** The environment's name is the part of the stage's name before the first hyphen, as it has no hyphen itself. */
function environmentOf(stage = ''): string {
  return stage.split('-')[0] ?? '';
}

/** The deployments of the first stage after an approval that has any. */
function nextDeployments({ pipeline }: SynthesizedPipeline, approval: ApprovalAction): DeployAction[] {
  const { deployments, before } = orderOf(pipeline);
  const after = deployments.filter((deployment) => before(deployment).includes(approval));
  return after.filter(({ stage }) => stage === after[0]?.stage);
}
