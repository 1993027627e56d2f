import { Agent, get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { patience } from '../processes/within.ts';

/**
 * Sends requests at a steady rate without waiting for earlier answers, as long as at most `most` requests are pending.
 * If the machine is too slow for the rate, it sends fewer requests per second instead of queueing them.
 */
export interface SteadyLoad {
  /** The number of requests sent so far. */
  readonly sent: number;
  /** When the last request that was not answered with 200 ended, in milliseconds of `performance.now()`. */
  readonly lastFailure: number | undefined;
  /** When the last request was answered with 200. */
  readonly lastSuccess: number | undefined;
  /** Stops sending, waits for the pending answers, and returns the outcome of all requests. */
  stop(): Promise<LoadOutcome>;
}

export interface LoadOutcome {
  readonly requests: number;
  /**
   * For each request that was not answered with 200: its start in milliseconds since the start of the load, and what
   * happened.
   */
  readonly failures: readonly string[];
  readonly seconds: number;
}

/** Maximum number of connections, and therefore of pending requests. */
const most = 128;

/** Sends GET requests to these URLs in turn, over keep-alive connections. */
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

/** Reads the whole answer; resolves with a description of what is wrong with it, or undefined. */
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
