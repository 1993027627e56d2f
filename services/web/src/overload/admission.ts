export interface AdmissionOptions {
  /** Requests that are let in however slow the answers are. */
  readonly least: number;
  /** Requests that are let in at most. */
  readonly most: number;
  /** An answer that takes longer, in milliseconds, is slow: with more than a tenth of such, too many are inside. */
  readonly targetMilliseconds?: number;
  /** How often the limit is looked at, in milliseconds: about as long as it takes to see what the last change has done. */
  readonly windowMilliseconds?: number;
  /** How long a request has been waiting when it is let in, in milliseconds: the visitor's clock runs already. */
  readonly lag?: () => number;
  /** The clock, in milliseconds. */
  readonly now?: () => number;
}

/** Fewer answers tell nothing: one visitor's slow network, one cold connection. */
const fewest = 10;

/**
 * Decides at the door who is let in, so that those inside are answered while a visitor still waits, and all others are
 * told at once to come back. How many fit follows from how long answers take: where many of them are slow there is room
 * for a tenth fewer, where it is full and they are not, for a twentieth more.
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

  /** How many would be let in now. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  get inside(): number {
    return this.#inside;
  }

  /** @returns what to call when the request is answered or given up; nothing for a request that is turned away */
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
