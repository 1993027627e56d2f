import { errorPage } from '../views/error-page.ts';
import type { Problem } from './problem.ts';

/** An answer prepared in advance, in both of its forms. */
export interface ReadyAnswers {
  readonly status: number;
  readonly page: ReadyAnswer;
  readonly json: ReadyAnswer;
}

export interface ReadyAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Prepares the answer for a problem that is reported without calling the app. It has no request id, because nothing is
 * known of the request.
 *
 * @param headers the headers of every answer of this service
 */
export async function readyAnswers(
  problem: Problem,
  headers: Readonly<Record<string, string>>,
): Promise<ReadyAnswers> {
  const { status, title, detail } = problem;
  const common = { ...headers, ...problem.headers, 'Cache-Control': 'no-store', Vary: 'Accept' };
  return {
    status,
    page: {
      headers: { ...common, 'Content-Type': 'text/html; charset=UTF-8' },
      body: String(await errorPage({ status, title, detail })),
    },
    json: {
      headers: { ...common, 'Content-Type': 'application/problem+json' },
      body: JSON.stringify({ type: 'about:blank', title, status, detail }),
    },
  };
}
