/** One measured value and its goal. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  /** For example `ratio`, `MB`, `ms`, `%`. */
  readonly unit: string;
  /** The goal as text, for example `>= 0.85`; empty if there is none. */
  readonly goal: string;
  /** Whether the value meets the goal; true if there is none. */
  readonly ok: boolean;
}

/** A bench file's default export. */
export interface Bench {
  /** The name used in `npm run bench -- NAME`. */
  readonly name: string;
  /** @throws Error with one sentence if it cannot measure */
  run(context: BenchContext): Promise<Figure[]>;
}

export interface BenchContext {
  /** Prints progress to stderr. */
  progress(line: string): void;
}

type Comparison = '>=' | '<=' | '<' | '>';

/** A figure with a goal, for example `figure('login ratio', 0.91, 'ratio', '>=', 0.85)`. */
export function figure(
  name: string,
  value: number,
  unit: string,
  comparison?: Comparison,
  bound = 0,
): Figure {
  const rounded = Number(value.toPrecision(4));
  if (!comparison) return { name, value: rounded, unit, goal: '', ok: true };
  const meets = { '>=': value >= bound, '<=': value <= bound, '<': value < bound, '>': value > bound };
  return { name, value: rounded, unit, goal: `${comparison} ${bound}`, ok: meets[comparison] };
}
