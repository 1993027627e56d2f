import { createLogUpdate } from 'log-update';
import { cut } from '../format.ts';
import type { ProgressSnapshot } from '../pipeline/execution-progress.ts';
import { progressLines } from '../pipeline/progress-lines.ts';

/** One picture of an execution, drawn over the last one. */
export class WatchScreen {
  readonly #update = createLogUpdate(process.stdout);
  readonly #title: string;
  #snapshot: ProgressSnapshot | undefined;

  constructor(title: string) {
    this.#title = title;
  }

  draw(snapshot: ProgressSnapshot): void {
    this.#snapshot = snapshot;
    this.#draw('');
  }

  /** A word below the picture, until the next one is drawn. */
  note(line: string): void {
    this.#draw(line);
  }

  done(): void {
    this.#update.done();
  }

  #draw(note: string): void {
    // A line that the terminal breaks would be drawn twice: everything is cut to its width.
    const columns = process.stdout.columns || 80;
    const rows = process.stdout.rows || 24;
    const picture = this.#snapshot ? progressLines(this.#snapshot, columns, rows - (note ? 4 : 3)) : [];
    const lines = [cut(this.#title, columns), '', ...picture, ...(note ? [cut(note, columns)] : [])];
    this.#update(lines.join('\n'));
  }
}
