import { poll } from '../../../aws/poll.ts';
import { heartbeat } from '../../heartbeat.ts';
import type { ReleaseContext } from '../context.ts';
import { short } from '../format.ts';
import { ExecutionProgress, type ProgressSnapshot } from '../pipeline/execution-progress.ts';
import { revision, revisionTitle } from '../pipeline/pipeline-reader.ts';
import { changedLines } from '../pipeline/progress-lines.ts';
import { WatchScreen } from './watch-screen.ts';

/** Final states. */
const ended = ['Succeeded', 'Failed', 'Stopped', 'Cancelled', 'Superseded'];
/** A day, because approvals may take long. */
const limitSeconds = 86_400;

/**
 * `release watch [execution]`: follows an execution to its end.
 *
 * @returns whether it succeeded
 */
export async function watch(context: ReleaseContext, beginning: string | undefined): Promise<boolean> {
  const { pipeline, print, json, terminal, voice, signal, intervalSeconds } = context;
  const summary = await pipeline.findExecution(beginning);
  const id = summary.pipelineExecutionId ?? '';
  const title =
    `${pipeline.name}: execution ${short(id)} of ${short(revision(summary))} ${revisionTitle(summary)}`.trim();
  const progress = await ExecutionProgress.open(context, id);
  const show = terminal && !json ? onScreen(title, context) : inLines(title, context);
  const { say } = voice;
  try {
    const last = await poll({ intervalSeconds, limitSeconds, what: title, signal }, async () => {
      const snapshot = await progress.look();
      show.draw(snapshot);
      return ended.includes(snapshot.status) ? snapshot : undefined;
    });
    show.done();
    if (!json) print(ending(last));
    return last.status === 'Succeeded';
  } finally {
    show.done();
    voice.say = say;
  }
}

/** Shows the progress of an execution, one snapshot at a time. */
interface Show {
  draw(snapshot: ProgressSnapshot): void;
  done(): void;
}

function onScreen(title: string, { voice }: ReleaseContext): Show {
  const screen = new WatchScreen(title);
  voice.say = (line) => screen.note(line);
  return screen;
}

/** Prints what has changed, as lines or as JSON documents, and a message at intervals if nothing has. */
function inLines(title: string, { print, json, voice }: ReleaseContext): Show {
  if (!json) print(title);
  const { heard, beat } = heartbeat(voice.say);
  let before: ProgressSnapshot | undefined;
  return {
    draw(snapshot) {
      const same = json && before !== undefined && !hasNews(snapshot) && state(snapshot) === state(before);
      const lines = json ? [JSON.stringify(snapshot)] : changedLines(before, snapshot);
      for (const line of same ? [] : lines) {
        print(line);
        heard();
      }
      beat(() => `Still ${atWork(snapshot)}.`);
      before = snapshot;
    },
    done: () => undefined,
  };
}

function hasNews({ actions }: ProgressSnapshot): boolean {
  return actions.some(({ newLines }) => newLines.length > 0);
}

/** A snapshot without its new log lines, for comparison. */
function state(snapshot: ProgressSnapshot): string {
  return JSON.stringify(snapshot, (key, value: unknown) => (key === 'newLines' ? undefined : value));
}

/** What the execution is doing, such as `InProgress: staging-database/Deploy`. */
function atWork({ status, actions }: ProgressSnapshot): string {
  const names = actions
    .filter((action) => action.status === 'InProgress' || action.status === 'Waiting')
    .map(({ stage, name }) => `${stage}/${name}`);
  return names.length > 0 ? `${status}: ${names.join(', ')}` : status;
}

function ending({ status, statusSummary, actions }: ProgressSnapshot): string {
  if (status === 'Superseded') return 'A newer execution has taken its place.';
  const failed = actions.filter((action) => action.status === 'Failed');
  const where = failed.map(
    ({ stage, name, message }) => `\n  ${stage}/${name}${message ? `: ${message}` : ''}`,
  );
  return `${status}.${statusSummary ? ` ${statusSummary}` : ''}${where.join('')}`;
}
