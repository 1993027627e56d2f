import stringWidth from 'string-width';

/**
 * What a terminal shows after some output: the part of ECMA-48 that a program needs to redraw lines. A wide character
 * takes two cells, of which the second is empty.
 *
 * @see https://ecma-international.org/publications-and-standards/standards/ecma-48/
 */
export class Screen {
  #lines: string[][] = [[]];
  /** The number of lines that scrolled out at the top or wrapped at the right because a picture did not fit. */
  overflows = 0;
  cursorVisible = true;
  /** Control sequences that none of our tools uses, such as setting the window title. */
  readonly foreign: string[] = [];
  readonly #rows: number;
  readonly #columns: number;
  #row = 0;
  #column = 0;

  constructor(rows: number, columns: number) {
    this.#rows = rows;
    this.#columns = columns;
  }

  get text(): string {
    return this.#lines
      .map((line) => line.join('').trimEnd())
      .join('\n')
      .trimEnd();
  }

  write(output: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences are control characters
    for (const match of output.matchAll(/\u001b\[([0-9;?]*)([A-Za-z])|[\s\S]/gu)) {
      const [whole, parameters, final] = match;
      if (final) this.#control(final, parameters ?? '');
      else if (whole === '\n') this.#lineFeed();
      else if (whole === '\r') this.#column = 0;
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the remaining control characters are foreign
      else if (/[\u0000-\u001f\u007f-\u009f]/.test(whole)) this.foreign.push(whole);
      else this.#put(whole);
    }
  }

  #control(final: string, parameters: string): void {
    const count = Number(parameters || 1);
    if (final === 'A') this.#row = Math.max(0, this.#row - count);
    if (final === 'B') this.#row = Math.min(this.#rows - 1, this.#row + count);
    if (final === 'G') this.#column = count - 1;
    if (final === 'K') this.#lines[this.#row] = parameters === '2' ? [] : this.#line.slice(0, this.#column);
    if (final === 'J')
      this.#lines.splice(this.#row, Number.POSITIVE_INFINITY, this.#line.slice(0, this.#column));
    if (parameters === '?25') this.cursorVisible = final === 'h';
  }

  get #line(): string[] {
    return this.#lines[this.#row] ?? [];
  }

  #put(character: string): void {
    const width = stringWidth(character);
    if (width === 0) return;
    if (this.#column + width > this.#columns) {
      this.overflows++;
      this.#column = 0;
      this.#lineFeed();
    }
    const line = this.#line;
    while (line.length < this.#column) line.push(' ');
    line.splice(this.#column, width, character, ...Array<string>(width - 1).fill(''));
    this.#lines[this.#row] = line;
    this.#column += width;
  }

  #lineFeed(): void {
    if (this.#row === this.#rows - 1) {
      this.overflows++;
      this.#lines.shift();
    } else this.#row++;
    this.#lines[this.#row] ??= [];
  }
}
