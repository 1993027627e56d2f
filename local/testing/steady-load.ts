import { Agent, get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { patience } from '../processes/within.ts';

/**
 * Requests at a steady rate, whether or not earlier ones have been answered, as long as no more than `most` wait for theirs:
 * a machine that is too slow for the rate has fewer requests a second, and not ones that grow old before they are sent.
 */
export interface SteadyLoad {
  /** Requests that were sent so far. */
  readonly sent: number;
  /** When a request that was not answered with 200 was over last, in milliseconds of `performance.now()`. */
  readonly lastFailure: number | undefined;
  /** When a request was answered with 200 last. */
  readonly lastSuccess: number | undefined;
  /** Sends no more, waits for the answers that are due, and tells what came of all. */
  stop(): Promise<LoadOutcome>;
}

export interface LoadOutcome {
  readonly requests: number;
  /** What happened to each request that was not answered with 200, with the time in milliseconds since the start. */
  readonly failures: readonly string[];
  readonly seconds: number;
}

/** Connections, and so requests under way. */
const most = 128;

/** Sends GET requests to these URLs in turn, over connections that are kept alive. */
export function startLoad(urls: readonly string[], perSecond: number): SteadyLoad {
  const agent = new Agent({ keepAlive: true, maxSockets: most });
  const began = performance.now();
  const failures: string[] = [];
  const pending = new Set<Promise<void>>();
  const stopping = new AbortController();
  let sent = 0;
  let lastFailure: number | undefined;
  let lastSuccess: number | undefined;

  async function one(url: string): Promise<void> {
    const at = Math.round(performance.now() - began);
    const outcome = await answer(url, agent).catch((error: Error) => error.message);
    if (outcome === undefined) {
      lastSuccess = performance.now();
    } else {
      lastFailure = performance.now();
      failures.push(`${at} ms: ${url}: ${outcome}`);
    }
  }

  async function send(): Promise<void> {
    while (!stopping.signal.aborted) {
      const due = Math.floor(((performance.now() - began) / 1000) * perSecond);
      for (; sent < due && pending.size < most; sent++) {
        const request = one(urls[sent % urls.length] as string).finally(() => pending.delete(request));
        pending.add(request);
      }
      await delay(5);
    }
  }

  const sending = send();
  return {
    get sent() {
      return sent;
    },
    get lastFailure() {
      return lastFailure;
    },
    get lastSuccess() {
      return lastSuccess;
    },
    async stop() {
      stopping.abort();
      await sending;
      const seconds = (performance.now() - began) / 1000;
      await Promise.all(pending);
      agent.destroy();
      return { requests: sent, failures, seconds };
    },
  };
}

/** Gets the whole answer; resolves with what is wrong with it, if anything. */
function answer(url: string, agent: Agent): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, signal: AbortSignal.timeout(patience) }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode, headers } = response;
        const task = headers['x-task'] ?? 'the load balancer';
        resolve(statusCode === 200 ? undefined : `${statusCode} of ${task}: ${body.slice(0, 200)}`);
      });
    });
    request.on('error', reject);
  });
}
