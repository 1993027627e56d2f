/**
 * What a terminal shows of what was written to it: as much of ECMA-48 as a program needs that draws lines over lines.
 *
 * @see https://ecma-international.org/publications-and-standards/standards/ecma-48/
 */
export class Screen {
  readonly lines: string[] = [''];
  /** Lines that were pushed out at the top, or broken at the right: a picture that did not fit. */
  overflows = 0;
  cursorVisible = true;
  readonly #rows: number;
  readonly #columns: number;
  #row = 0;
  #column = 0;

  constructor(rows: number, columns: number) {
    this.#rows = rows;
    this.#columns = columns;
  }

  get text(): string {
    return this.lines
      .map((line) => line.trimEnd())
      .join('\n')
      .trimEnd();
  }

  write(output: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences are control characters
    for (const [whole, parameters, final] of output.matchAll(/\u001b\[([0-9;?]*)([A-Za-z])|[\s\S]/gu)) {
      if (final) this.#control(final, parameters ?? '');
      else if (whole === '\n') this.#lineFeed();
      else if (whole === '\r') this.#column = 0;
      else this.#put(whole);
    }
  }

  #control(final: string, parameters: string): void {
    const count = Number(parameters || 1);
    if (final === 'A') this.#row = Math.max(0, this.#row - count);
    if (final === 'B') this.#row = Math.min(this.#rows - 1, this.#row + count);
    if (final === 'G') this.#column = count - 1;
    if (final === 'K') this.lines[this.#row] = parameters === '2' ? '' : this.#line.slice(0, this.#column);
    if (final === 'J')
      this.lines.splice(this.#row, Number.POSITIVE_INFINITY, this.#line.slice(0, this.#column));
    if (parameters === '?25') this.cursorVisible = final === 'h';
  }

  get #line(): string {
    return this.lines[this.#row] ?? '';
  }

  #put(character: string): void {
    if (this.#column === this.#columns) {
      this.overflows++;
      this.#column = 0;
      this.#lineFeed();
    }
    const line = this.#line.padEnd(this.#column);
    this.lines[this.#row] = line.slice(0, this.#column) + character + line.slice(this.#column + 1);
    this.#column++;
  }

  #lineFeed(): void {
    if (this.#row === this.#rows - 1) {
      this.overflows++;
      this.lines.shift();
    } else this.#row++;
    this.lines[this.#row] ??= '';
  }
}
