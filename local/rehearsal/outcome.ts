import type { Action, Rehearsed, Stage } from './action.ts';

/**
 * Describes the consequences of a failure for the delivery: what stops, what rolls back, what waits.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html
 */
export function consequences(stages: readonly Stage[], stage: Stage, action: Action): string {
  const place = stages.indexOf(stage);
  const left = stage.actions.filter(({ runOrder }) => runOrder > action.runOrder).map(({ name }) => name);
  const waiting = stages.slice(place + 1).map(({ name }) => name);
  const undone = [
    ...(action.undoneBy ? [action.undoneBy] : []),
    ...(stage.rollsBack
      ? [`CodePipeline deploys ${stage.name} again as of its last successful execution, if there is one`]
      : []),
  ];
  return [
    `What stops:       ${stage.name}${left.length > 0 ? `, before ${left.join(', ')}` : ', at its last action'}`,
    `What rolls back:  ${undone.join('; ') || 'nothing, because the action changes no deployed resource'}`,
    `What waits:       ${waiting.join(', ') || 'nothing, because it was the last stage'}`,
  ].join('\n');
}

/** Sums up a delivery that succeeded: how many actions were carried out here. */
export function summary(stages: readonly Stage[]): string {
  const actions = stages.flatMap((stage) => stage.actions);
  const count = (as: Rehearsed['as']) => actions.filter(({ rehearsed }) => rehearsed.as === as).length;
  return `The delivery succeeded: ${actions.length} actions, ${count('work')} carried out here, ${count('approval')} approvals, ${count('shown')} not rehearsed (each with its reason above).`;
}
