import { cut, duration, sign } from '../format.ts';
import type { ActionProgress, ProgressSnapshot } from './execution-progress.ts';

/** What matters most when there are more lines than the terminal has: what is at work, then what failed. */
const shownInFull = ['InProgress', 'Waiting', 'Failed'];

/**
 * The whole execution for a terminal: stage by stage, what is at work with its phase and the end of its log. Stages
 * that are over, or have not begun, are one line each.
 *
 * @param width columns of the terminal
 * @param height rows that may be used
 */
export function progressLines({ actions }: ProgressSnapshot, width = 80, height = 40): string[] {
  const stages = [...new Set(actions.map(({ stage }) => stage))];
  const lines = stages.flatMap((stage) =>
    stageLines(
      stage,
      actions.filter((action) => action.stage === stage),
    ),
  );
  const shown = lines.length <= height ? lines : around(lines, height);
  return shown.map((line) => cutColoured(line, width));
}

function stageLines(stage: string, actions: readonly ActionProgress[]): string[] {
  const status = stageStatus(actions);
  const head = `${sign(status, true)} ${stage}${status === 'NotYet' ? '' : took(actions)}`;
  if (!shownInFull.includes(status)) return [head];
  return [head, ...actions.flatMap(actionLines)];
}

function actionLines(action: ActionProgress): string[] {
  const { name, status, phase, message, log } = action;
  const time = action.startedAt ? `  ${elapsed(action)}` : '';
  const details = [
    ...(message && shownInFull.includes(status) ? [`      ${message}`] : []),
    ...(status === 'InProgress' ? log.map((line) => `      │ ${line}`) : []),
  ];
  return [`    ${sign(status, true)} ${name}${phase ? `  ${phase}` : ''}${time}`, ...details];
}

function stageStatus(actions: readonly ActionProgress[]): string {
  const has = (status: string) => actions.some((action) => action.status === status);
  if (has('Failed')) return 'Failed';
  if (has('Waiting')) return 'Waiting';
  if (has('InProgress')) return 'InProgress';
  if (actions.every(({ status }) => status === 'Succeeded')) return 'Succeeded';
  return actions.every(({ status }) => status === 'NotYet') ? 'NotYet' : 'InProgress';
}

function took(actions: readonly ActionProgress[]): string {
  const starts = actions.map(({ startedAt }) => Date.parse(startedAt)).filter(Number.isFinite);
  const ends = actions.map(({ updatedAt }) => Date.parse(updatedAt)).filter(Number.isFinite);
  if (starts.length === 0 || ends.length === 0) return '';
  return `  ${duration(Math.max(...ends) - Math.min(...starts))}`;
}

function elapsed({ startedAt, updatedAt, status }: ActionProgress): string {
  const until = status === 'InProgress' || status === 'Waiting' ? Date.now() : Date.parse(updatedAt);
  return duration(until - Date.parse(startedAt));
}

/** Drops lines from the top, then from the bottom, so that what is at work stays in sight. */
function around(lines: readonly string[], height: number): string[] {
  const active = lines.findIndex((line) => line.includes('▶') || line.includes('?') || line.includes('✘'));
  const start = Math.max(0, Math.min(Math.max(0, active - 2), lines.length - height));
  return lines.slice(start, start + height);
}

/** Cuts by what is seen; a colour only ever surrounds the sign at the beginning. */
function cutColoured(line: string, width: number): string {
  const end = line.lastIndexOf('\u001b[39m');
  const prefix = end === -1 ? '' : line.slice(0, end + 5);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
  const seen = prefix.replaceAll(/\u001b\[[0-9;]*m/g, '').length;
  return prefix + cut(line.slice(prefix.length), width - seen);
}

/** What has happened between two looks, for a log: one line for each change of an action, and new lines of builds. */
export function changedLines(before: ProgressSnapshot | undefined, now: ProgressSnapshot): string[] {
  return now.actions.flatMap((action, index) => {
    const earlier = before?.actions[index];
    const where = `${action.stage}/${action.name}`;
    const changed =
      action.status !== (earlier?.status ?? 'NotYet') ||
      (action.phase !== '' && action.phase !== earlier?.phase);
    const headline = [action.status, action.phase, action.message].filter(Boolean).join(' · ');
    const known = new Set(earlier?.log ?? []);
    return [
      ...(changed ? [`${sign(action.status, false)} ${where}: ${headline}`] : []),
      ...action.log.filter((line) => !known.has(line)).map((line) => `    ${where} │ ${line}`),
    ];
  });
}
