export interface AdmissionOptions {
  /** The least number of requests to admit at once, however slow the answers are. */
  readonly least: number;
  /** The greatest number of requests to admit at once. */
  readonly most: number;
  /**
   * Milliseconds beyond which an answer counts as slow; if more than a tenth of the answers are slow, there are too
   * many requests inside.
   */
  readonly targetMilliseconds?: number;
  /** How often the limit is adjusted, in milliseconds; about the time until the effect of the last change shows. */
  readonly windowMilliseconds?: number;
  /** How long a request has already waited when it is admitted, in milliseconds. */
  readonly lag?: () => number;
  /** The clock, in milliseconds. */
  readonly now?: () => number;
}

/** Fewer answers than this say nothing: they may reflect one visitor's slow network or one cold connection. */
const fewest = 10;

/**
 * Limits the requests that are processed at once, so that those admitted are answered while their visitors still wait,
 * and all others are told immediately to come back. The limit follows from how long answers take: it falls by a tenth
 * if many of them are slow, and rises by a twentieth if it was reached and they are not.
 */
export class Admission {
  readonly #options: Required<AdmissionOptions>;
  #inside = 0;
  #limit: number;
  #window: { readonly since: number; answers: number; slow: number; full: boolean };

  constructor(options: AdmissionOptions) {
    const defaults = {
      targetMilliseconds: 400,
      windowMilliseconds: 250,
      lag: () => 0,
      now: () => performance.now(),
    };
    this.#options = { ...defaults, ...options };
    this.#limit = options.most;
    this.#window = this.#newWindow();
  }

  /** How many requests may be inside at once, for now. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  get inside(): number {
    return this.#inside;
  }

  /**
   * @returns a function to call when the request is answered or abandoned; `undefined` if the request is turned away
   */
  enter(): (() => void) | undefined {
    if (this.#inside >= this.limit) {
      this.#window.full = true;
      return undefined;
    }
    this.#inside += 1;
    const entered = this.#options.now();
    return () => {
      this.#inside -= 1;
      this.#learn(this.#options.now() - entered);
    };
  }

  #learn(milliseconds: number): void {
    const { least, most, targetMilliseconds, windowMilliseconds, lag, now } = this.#options;
    const window = this.#window;
    window.answers += 1;
    if (milliseconds + lag() > targetMilliseconds) window.slow += 1;
    if (window.answers < fewest || now() - window.since < windowMilliseconds) return;
    if (window.slow * 10 > window.answers) this.#limit = Math.max(least, this.#limit * 0.9);
    else if (window.full) this.#limit = Math.min(most, this.#limit * 1.05 + 1);
    this.#window = this.#newWindow();
  }

  #newWindow() {
    return { since: this.#options.now(), answers: 0, slow: 0, full: false };
  }
}
