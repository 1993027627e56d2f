import { setTimeout as delay } from 'node:timers/promises';

/** How long AWS may keep us waiting; times in seconds. */
export interface Limits {
  /** To establish a connection. */
  readonly connect: number;
  /** Until the answer begins, and between two parts of it. */
  readonly answer: number;
  /** For one call including its retries. */
  readonly call: number;
  /** Interval between messages that there is no answer yet. */
  readonly word: number;
  /** Attempts per call; the pauses between throttled ones grow. */
  readonly attempts: number;
}

export const usualLimits: Limits = { connect: 5, answer: 10, call: 60, word: 8, attempts: 8 };

/** A call to AWS, as messages name it: `GetPipelineState of CodePipeline in eu-central-1`. */
export interface AwsCall {
  readonly operation: string;
  /** Such as `CodePipeline in eu-central-1`. */
  readonly service: string;
}

/** A call did not finish within its limit, retries included. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  readonly call: AwsCall;

  constructor(call: AwsCall) {
    super(`${call.service} has not answered ${call.operation}.`);
    this.call = call;
  }
}

export interface PatienceOptions {
  readonly limits: Limits;
  /** Aborts the call immediately. */
  readonly signal: AbortSignal | undefined;
  /** Receives the messages that there is no answer yet. */
  readonly say: (line: string) => void;
}

/**
 * Waits for one call to AWS, including credentials and retries. Reports at intervals that there is no answer yet, gives
 * up at the limit, and stops as soon as the signal aborts.
 *
 * @param send starts the call; its signal aborts it
 * @throws NoAnswerError when the limit for a call has passed
 */
export async function patiently<Output>(
  { limits, signal, say }: PatienceOptions,
  call: AwsCall,
  send: (signal: AbortSignal) => Promise<Output>,
): Promise<Output> {
  signal?.throwIfAborted();
  const stop = new AbortController();
  const begun = performance.now();
  const words = setInterval(() => {
    const seconds = Math.round((performance.now() - begun) / 1000);
    say(`${call.service} has not answered ${call.operation} for ${seconds} s: still trying.`);
  }, limits.word * 1000);
  try {
    const all = AbortSignal.any([stop.signal, ...(signal ? [signal] : [])]);
    return await Promise.race([send(all), end(limits.call, call, all)]);
  } finally {
    clearInterval(words);
    stop.abort();
  }
}

/** @throws NoAnswerError after that many seconds; an AbortError if the signal aborts first */
async function end(seconds: number, call: AwsCall, signal: AbortSignal): Promise<never> {
  await delay(seconds * 1000, undefined, { signal });
  throw new NoAnswerError(call);
}
