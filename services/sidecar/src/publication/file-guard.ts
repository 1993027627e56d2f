import { type FSWatcher, watch } from 'node:fs';
import { basename } from 'node:path';
import { asTicketFailure } from '../failures/classify.ts';
import type { TicketFailure } from '../failures/ticket-failure.ts';
import type { Damage, PublishedFile } from './published-file.ts';

export interface FileGuardOptions {
  readonly directory: string;
  readonly files: readonly PublishedFile[];
  readonly onRestored: (file: PublishedFile, damage: Damage) => void;
  readonly onLost: (file: PublishedFile, damage: Damage, failure: TicketFailure) => void;
}

/** A look at the files even when the kernel told nothing, as on a network file system. */
const lookEveryMilliseconds = 5_000;

/**
 * Watches published files and makes missing, altered or unreadable ones again: at once where inotify(7) works,
 * within five seconds elsewhere.
 */
export function guardFiles(options: FileGuardOptions): { stop(): void } {
  let last = Promise.resolve();
  let waiting = false;

  async function look(): Promise<void> {
    waiting = false;
    for (const file of options.files) {
      await repair(file, options);
    }
  }

  function trigger(): void {
    if (!waiting) {
      waiting = true;
      last = last.then(look);
    }
  }

  const timer = setInterval(trigger, lookEveryMilliseconds).unref();
  const watcher = watchFiles(options, trigger);
  return {
    stop() {
      clearInterval(timer);
      watcher?.close();
    },
  };
}

async function repair(file: PublishedFile, { onRestored, onLost }: FileGuardOptions): Promise<void> {
  const damage = await file.damage();
  if (!damage) {
    return;
  }
  try {
    await file.restore();
    onRestored(file, damage);
  } catch (error) {
    onLost(file, damage, asTicketFailure(error));
  }
}

/**
 * Files being written next to the published ones are left out: a repair that fails must not bring about the next.
 * Without inotify (too many watches, an odd file system) the timer alone does it.
 */
function watchFiles({ directory, files }: FileGuardOptions, onChange: () => void): FSWatcher | undefined {
  const names = files.map((file) => basename(file.path));
  try {
    return watch(directory, { persistent: false }, (_, name) => {
      if (name === null || names.includes(name)) {
        onChange();
      }
    }).on('error', () => {});
  } catch {
    return undefined;
  }
}
