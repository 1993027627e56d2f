import type { Action, Rehearsed, Stage } from './action.ts';

/**
 * What a failure means for the delivery, in words: what stops, what rolls back, what waits.
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
      ? [`CodePipeline deploys ${stage.name} again as its last good execution left it, if there is one`]
      : []),
  ];
  return [
    `What stops:       ${stage.name}${left.length > 0 ? `, before ${left.join(', ')}` : ', at its last action'}`,
    `What rolls back:  ${undone.join('; ') || 'nothing: the action changes nothing that is deployed'}`,
    `What waits:       ${waiting.join(', ') || 'nothing: it was the last stage'}`,
  ].join('\n');
}

/** One sentence on a delivery that went through: how much of it was really done here. */
export function summary(stages: readonly Stage[]): string {
  const actions = stages.flatMap((stage) => stage.actions);
  const count = (as: Rehearsed['as']) => actions.filter(({ rehearsed }) => rehearsed.as === as).length;
  return `The delivery went through: ${actions.length} actions, ${count('work')} done here, ${count('approval')} approvals, ${count('shown')} not rehearsed (each with its reason above).`;
}
