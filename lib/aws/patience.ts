import { setTimeout as delay } from 'node:timers/promises';

/** How long AWS may keep us waiting, in seconds. */
export interface Limits {
  /** For a connection. */
  readonly connect: number;
  /** For an answer, and between two parts of one. */
  readonly answer: number;
  /** For one call with all its repetitions. */
  readonly call: number;
  /** How often a person is told that there is no answer yet. */
  readonly word: number;
  /** How often a call is tried; throttled ones ever more slowly. */
  readonly attempts: number;
}

export const usualLimits: Limits = { connect: 5, answer: 10, call: 60, word: 8, attempts: 8 };

/** Which call of AWS is meant, in words, such as `GetPipelineState of CodePipeline in eu-central-1`. */
export interface AwsCall {
  readonly operation: string;
  /** Such as `CodePipeline in eu-central-1`. */
  readonly service: string;
}

/** A call has not come to an end within its limit, whatever was tried. */
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
  /** Ends the call at once. */
  readonly signal: AbortSignal | undefined;
  /** Told that there is no answer yet. */
  readonly say: (line: string) => void;
}

/**
 * Waits for one call of AWS, credentials and repetitions included: with a word now and then, not without end, and not
 * a moment longer than the signal allows.
 *
 * @param send begins the call; its signal ends it
 * @throws NoAnswerError when the limit of a call is over
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

/** @throws NoAnswerError after these seconds; the signal's reason before */
async function end(seconds: number, call: AwsCall, signal: AbortSignal): Promise<never> {
  await delay(seconds * 1000, undefined, { signal });
  throw new NoAnswerError(call);
}
