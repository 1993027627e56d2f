import type { SqlToken } from './sql-lexer.ts';

/** Walks over tokens. Methods take the wanted tokens if they come next; otherwise the cursor stays where it is. */
export class TokenCursor {
  readonly #tokens: readonly SqlToken[];
  #at = 0;

  constructor(tokens: readonly SqlToken[]) {
    this.#tokens = tokens;
  }

  get atEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  /** How many tokens have been taken. */
  get taken(): number {
    return this.#at;
  }

  /** Takes these words, in this order. */
  words(...wanted: readonly string[]): boolean {
    const come = wanted.every((word, index) => {
      const token = this.#tokens[this.#at + index];
      return token?.kind === 'word' && token.text === word;
    });
    if (come) this.#at += wanted.length;
    return come;
  }

  /** Takes one of these words. */
  oneOf(wanted: ReadonlySet<string>): boolean {
    const token = this.#tokens[this.#at];
    return token?.kind === 'word' && wanted.has(token.text) && this.#take();
  }

  symbol(wanted: string): boolean {
    const token = this.#tokens[this.#at];
    return token?.kind === 'symbol' && token.text === wanted && this.#take();
  }

  kind(...wanted: readonly SqlToken['kind'][]): boolean {
    const token = this.#tokens[this.#at];
    return token !== undefined && wanted.includes(token.kind) && this.#take();
  }

  /** Takes a name of one part, quoted or not, and returns it as it was written. Variables are not names. */
  name(): string | undefined {
    const token = this.#tokens[this.#at];
    const isName = token?.kind === 'name' || (token?.kind === 'word' && !token.text.startsWith('@'));
    if (!isName) return undefined;
    this.#at += 1;
    return token?.written;
  }

  /** Takes a variable and returns its name with the `@`. */
  variable(): string | undefined {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'word' || !token.text.startsWith('@')) return undefined;
    this.#at += 1;
    return token.written;
  }

  /** Takes a string and returns its content. */
  string(): string | undefined {
    const token = this.#tokens[this.#at];
    return this.kind('string') ? token?.text : undefined;
  }

  /** Takes a name of several parts, some of which may be omitted: `dbo.t`, `[music]..[t]`. */
  multipartName(): boolean {
    if (this.name() === undefined) return false;
    while (this.symbol('.')) if (this.name() === undefined && !this.#comes('.')) return false;
    return true;
  }

  /** Takes a number with or without a sign. */
  number(): boolean {
    if (this.symbol('-') || this.symbol('+')) return this.kind('number');
    return this.kind('number');
  }

  /** Takes `( … )` with any content. */
  parentheses(): boolean {
    if (!this.#comes('(')) return false;
    let depth = 0;
    for (let at = this.#at; at < this.#tokens.length; at += 1) {
      const { kind, text } = this.#tokens[at] as SqlToken;
      if (kind !== 'symbol') continue;
      if (text === '(') depth += 1;
      if (text === ')') depth -= 1;
      if (depth > 0) continue;
      this.#at = at + 1;
      return true;
    }
    return false;
  }

  /** Whether the tokens ahead close a parenthesis that was taken before. Takes nothing. */
  closes(): boolean {
    let depth = 0;
    return this.#tokens.slice(this.#at).some(({ kind, text }) => {
      if (kind === 'symbol') depth += text === '(' ? 1 : text === ')' ? -1 : 0;
      return depth < 0;
    });
  }

  #comes(symbol: string): boolean {
    const token = this.#tokens[this.#at];
    return token?.kind === 'symbol' && token.text === symbol;
  }

  #take(): true {
    this.#at += 1;
    return true;
  }
}
