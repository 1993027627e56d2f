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

/** Interval of checks that do not depend on the kernel's notifications, which a network file system may not send. */
const lookEveryMilliseconds = 5_000;

/**
 * Watches published files and restores missing, altered or unreadable ones: immediately where inotify(7) works, within
 * five seconds elsewhere.
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
 * Ignores files being written next to the published ones, so that a failing repair does not trigger the next. Without
 * inotify (too many watches, an unusual file system) only the timer detects damage.
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
