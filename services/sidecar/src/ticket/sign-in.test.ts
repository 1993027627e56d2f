import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAttemptBudget } from '../credentials/attempt-budget.ts';
import { injectedCredentials } from '../credentials/credentials-source.ts';
import { classifySignInMessage } from '../failures/classify.ts';
import type { TicketFailure } from '../failures/ticket-failure.ts';
import { signIn } from './sign-in.ts';

const start = Date.parse('2026-01-01T00:00:00Z');
const prompt = 'Password for db-user@CORP.EXAMPLE.COM: ';

describe('a sign-in', () => {
  let folder: string;
  let time: number;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sign-in-'));
    time = start;
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Signs in every ten seconds for an hour, at a domain controller that answers a password with `answer`. */
  async function throughAnHour(answer: (password: string) => string, output: string) {
    const tried: number[] = [];
    const failures: TicketFailure[] = [];
    const budget = createAttemptBudget({
      file: join(folder, 'refusals.json'),
      ...{ attempts: 3, window: 1800, urgentPause: 60, now: () => new Date(time) },
    });
    for (; time < start + 3_600_000; time += 10_000) {
      const attempt = signIn(
        {
          credentials: injectedCredentials({
            ...{ username: 'db-user', password: 'one', nextPassword: 'two', unknownKeys: [] },
          }),
          tools: {
            async obtainTgt(_, password) {
              tried.push(time - start);
              throw classifySignInMessage(answer(password), output);
            },
          },
          budget,
          awaitFirstTry: async () => {},
          log: () => {},
          now: () => new Date(time),
        },
        new AbortController().signal,
        { isUrgent: true },
      );
      failures.push(
        await attempt.then(
          () => Promise.reject(new Error('It was taken.')),
          (error) => error,
        ),
      );
    }
    return { tried, failures };
  }

  test.for([
    ['kinit: Password incorrect', 'password-refused'],
    ['kinit: Mot de passe incorrect', 'unexpected'],
    ['kinit: KRB5 error code 87', 'unexpected'],
  ] as const)(
    'that ends with "%s" does not lock the account, and the text is told to the end',
    async ([answer, code]) => {
      const { tried, failures } = await throughAnHour(() => answer, prompt);
      expect(mostWithin(tried, 1_800_000)).toBeLessThanOrEqual(4);
      expect(new Set(failures.map((failure) => failure.code))).toEqual(new Set([code]));
      // If no password may be tried, a clear refusal is reported by its code only, and an unclear answer is quoted.
      const quoted = failures.filter(({ detail }) => detail.includes(answer));
      expect(quoted).toHaveLength(code === 'unexpected' ? failures.length : new Set(tried).size);
    },
  );

  test('that fails before kinit prompts for a password costs no attempt', async () => {
    const { tried } = await throughAnHour(() => 'kinit: KRB5 error code 87', '');
    expect(tried).toHaveLength(360);
  });

  test('tries the next password after what may be a refusal of the first', async () => {
    const { failures } = await throughAnHour(
      (password) => (password === 'one' ? 'unheard-of' : 'Password incorrect'),
      prompt,
    );
    expect(failures[0]?.code).toBe('unexpected');
    expect(failures[1]).toMatchObject({
      code: 'password-refused',
      detail: expect.stringContaining('unheard-of'),
    });
  });
});

/** The greatest number of times within a window. */
function mostWithin(times: readonly number[], milliseconds: number): number {
  return Math.max(
    ...times.map((from) => times.filter((at) => at >= from && at < from + milliseconds).length),
  );
}
