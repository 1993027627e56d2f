import { cut, duration, sign } from '../format.ts';
import type { ActionProgress, ProgressSnapshot } from './execution-progress.ts';

/** States of stages whose actions are shown. */
const shownInFull = ['InProgress', 'Waiting', 'Failed'];

/**
 * Draws a whole execution for a terminal, stage by stage, with the phase and the last log lines of running builds. A
 * stage that has ended well, or has not begun, takes one line.
 *
 * @param width the terminal's columns
 * @param rows available lines; may be negative on a very small terminal
 */
export function progressLines({ actions }: ProgressSnapshot, width = 80, rows = 40): string[] {
  const height = Math.max(0, rows);
  const stages = [...Map.groupBy(actions, ({ stage }) => stage)];
  const draw = (tail: number) => stages.flatMap(([stage, own]) => stageLines(stage, own, tail));
  const lines = draw(logTail(actions, height - draw(0).length));
  const shown = lines.length <= height ? lines : around(lines, height);
  return shown.map((line) => cut(line, width));
}

/** How many log lines each build may have so that all stages remain visible. */
function logTail(actions: readonly ActionProgress[], spare: number): number {
  const logs = actions.filter(hasLog).length;
  return logs === 0 ? 0 : Math.max(1, Math.floor(spare / logs));
}

function hasLog({ status, log }: ActionProgress): boolean {
  return status === 'InProgress' && log.length > 0;
}

function stageLines(stage: string, actions: readonly ActionProgress[], tail: number): string[] {
  const status = stageStatus(actions);
  const head = `${sign(status, true)} ${stage}${status === 'NotYet' ? '' : took(actions)}`;
  if (!shownInFull.includes(status)) return [head];
  return [head, ...actions.flatMap((action) => actionLines(action, tail))];
}

function actionLines(action: ActionProgress, tail: number): string[] {
  const { name, status, phase, message, log } = action;
  const time = action.startedAt ? `  ${elapsed(action)}` : '';
  const details = [
    ...(message && shownInFull.includes(status) ? [`      ${message}`] : []),
    ...(hasLog(action) && tail > 0 ? log.slice(-tail).map((line) => `      │ ${line}`) : []),
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
  const ends = actions.map(endedAt).filter(Number.isFinite);
  if (starts.length === 0 || ends.length === 0) return '';
  return `  ${duration(Math.max(...ends) - Math.min(...starts))}`;
}

function elapsed(action: ActionProgress): string {
  return duration(endedAt(action) - Date.parse(action.startedAt));
}

/** Milliseconds; the current time for running actions. */
function endedAt({ status, updatedAt }: ActionProgress): number {
  return status === 'InProgress' || status === 'Waiting' ? Date.now() : Date.parse(updatedAt);
}

/** Drops lines from the top, then from the bottom, so that the active part remains visible. */
function around(lines: readonly string[], height: number): string[] {
  const active = lines.findIndex((line) => line.includes('▶') || line.includes('?') || line.includes('✘'));
  const start = Math.max(0, Math.min(Math.max(0, active - 2), lines.length - height));
  return lines.slice(start, start + height);
}

/**
 * What has changed between two polls, for a log: one line for each change of an action, and the builds' new log lines.
 */
export function changedLines(before: ProgressSnapshot | undefined, now: ProgressSnapshot): string[] {
  return now.actions.flatMap((action, index) => {
    const earlier = before?.actions[index];
    const where = `${action.stage}/${action.name}`;
    const changed =
      action.status !== (earlier?.status ?? 'NotYet') ||
      (action.phase !== '' && action.phase !== earlier?.phase);
    const headline = [action.status, action.phase, action.message].filter(Boolean).join(' · ');
    return [
      ...(changed ? [`${sign(action.status, false)} ${where}: ${headline}`] : []),
      ...action.newLines.map((line) => `    ${where} │ ${line}`),
    ];
  });
}
