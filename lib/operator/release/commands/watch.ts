import { createLogUpdate } from 'log-update';
import { poll } from '../../../aws/poll.ts';
import type { ReleaseContext } from '../context.ts';
import { cut, short } from '../format.ts';
import { ExecutionProgress, type ProgressSnapshot } from '../pipeline/execution-progress.ts';
import { revision, revisionTitle } from '../pipeline/pipeline-reader.ts';
import { changedLines, progressLines } from '../pipeline/progress-lines.ts';

/** States in which nothing more comes. */
const ended = ['Succeeded', 'Failed', 'Stopped', 'Cancelled', 'Superseded'];
/** A day: approvals may take long. */
const limitSeconds = 86_400;

/**
 * `release watch [execution]`: follows an execution to its end.
 *
 * @returns whether it succeeded
 */
export async function watch(context: ReleaseContext, beginning: string | undefined): Promise<boolean> {
  const { pipeline, print, json, terminal, signal, intervalSeconds } = context;
  const summary = await pipeline.findExecution(beginning);
  const id = summary.pipelineExecutionId ?? '';
  const title = `${pipeline.name}: execution ${short(id)} of ${short(revision(summary))} ${revisionTitle(summary)}`;
  const progress = await ExecutionProgress.open(context, id);
  const screen = terminal && !json ? createLogUpdate(process.stdout) : undefined;
  if (!screen && !json) print(title.trim());

  let before: ProgressSnapshot | undefined;
  const last = await poll({ intervalSeconds, limitSeconds, what: title, signal }, async () => {
    const snapshot = await progress.look();
    if (screen) {
      // A line that the terminal breaks would be drawn twice: everything is cut to its width.
      const columns = process.stdout.columns || 80;
      const rows = process.stdout.rows || 24;
      const lines = [cut(title.trim(), columns), '', ...progressLines(snapshot, columns, rows - 3)];
      screen(lines.join('\n'));
    } else if (json) {
      if (JSON.stringify(snapshot) !== JSON.stringify(before)) print(JSON.stringify(snapshot));
    } else {
      for (const line of changedLines(before, snapshot)) print(line);
    }
    before = snapshot;
    return ended.includes(snapshot.status) ? snapshot : undefined;
  });
  screen?.done();
  if (!json) print(ending(last));
  return last.status === 'Succeeded';
}

function ending({ status, statusSummary, actions }: ProgressSnapshot): string {
  if (status === 'Superseded') return 'A newer execution has taken its place.';
  const failed = actions.filter((action) => action.status === 'Failed');
  const where = failed.map(
    ({ stage, name, message }) => `\n  ${stage}/${name}${message ? `: ${message}` : ''}`,
  );
  return `${status}.${statusSummary ? ` ${statusSummary}` : ''}${where.join('')}`;
}
