import { setTimeout as delay } from 'node:timers/promises';

export interface ReadinessResult {
  readonly ready: boolean;
  /** The last answer of `/readyz`, or why there was none. */
  readonly lastAnswer: string;
}

/**
 * Requests `/readyz` once a second until it answers 200 or the time is up.
 *
 * @param report called whenever the answer changes
 */
export async function waitUntilReady(
  serviceUrl: string,
  seconds: number,
  report: (answer: string) => void,
): Promise<ReadinessResult> {
  const end = performance.now() + seconds * 1000;
  let lastAnswer = '';
  for (;;) {
    const { ready, answer } = await ask(serviceUrl);
    if (answer !== lastAnswer) report(answer);
    lastAnswer = answer;
    if (ready || performance.now() + 1000 > end) return { ready, lastAnswer };
    await delay(1000);
  }
}

async function ask(serviceUrl: string): Promise<{ ready: boolean; answer: string }> {
  try {
    const response = await fetch(`${serviceUrl}/readyz`, { signal: AbortSignal.timeout(5000) });
    return {
      ready: response.status === 200,
      answer: `${response.status} ${(await response.text()).slice(0, 500)}`,
    };
  } catch (error) {
    const { message, cause } = error as Error;
    return { ready: false, answer: cause instanceof Error ? cause.message : message };
  }
}
