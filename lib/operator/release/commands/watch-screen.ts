import { createLogUpdate } from 'log-update';
import { cut } from '../format.ts';
import type { ProgressSnapshot } from '../pipeline/execution-progress.ts';
import { progressLines } from '../pipeline/progress-lines.ts';

/** Shows an execution on the terminal; each new picture replaces the last one. */
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

  /** Shows a line below the picture, until the next one is drawn. */
  note(line: string): void {
    this.#draw(line);
  }

  done(): void {
    this.#update.done();
  }

  #draw(note: string): void {
    // Cut all lines to the terminal's width: a wrapped line would not be overwritten but drawn again.
    const columns = process.stdout.columns || 80;
    const rows = process.stdout.rows || 24;
    const picture = this.#snapshot ? progressLines(this.#snapshot, columns, rows - (note ? 4 : 3)) : [];
    const lines = [cut(this.#title, columns), '', ...picture, ...(note ? [cut(note, columns)] : [])];
    this.#update(lines.join('\n'));
  }
}
