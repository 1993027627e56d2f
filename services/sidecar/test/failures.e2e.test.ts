import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asTicketFailure, knownTexts } from '../src/failures/classify.ts';
import { failureCatalogue } from '../src/failures/failure-catalogue.ts';
import type { TicketFailure } from '../src/failures/ticket-failure.ts';
import { type FailureSite, startFailureSite } from './failures/failure-site.ts';
import { type Cause, causes, lastCauses, makeAccounts } from './failures/failures.ts';

// Every failure that the sidecar can name, caused for real: by MIT's tools, a KDC, a file system, a clock.
const all = [...causes, ...lastCauses];
const failures = new Map<Cause, TicketFailure | 'nothing failed'>();
let site: FailureSite;

async function bringAbout(cause: Cause): Promise<void> {
  const [, , act] = cause;
  failures.set(cause, await act(site).then(() => 'nothing failed' as const, asTicketFailure));
}

beforeAll(async () => {
  site = await startFailureSite();
  await makeAccounts(site);
  // Run these concurrently, because some wait until tools reach their limits.
  await Promise.all(causes.map(bringAbout));
  for (const cause of lastCauses) await bringAbout(cause);
});
afterAll(() => site.dispose());

describe('a failure is classified by its cause:', () => {
  test.for(all)('%s when %s', (cause) => {
    const [code] = cause;
    const { cause: what, remedy } = failureCatalogue[code];
    const failure = failures.get(cause);
    expect(failure).toMatchObject({ code, message: expect.stringContaining(`${what} ${remedy} (`) });
    // The text of the tool or the system is shown, even if its meaning is unknown.
    expect((failure as TicketFailure).detail).toMatch(/\w{2}/);
  });
});

test('every code of the catalogue has happened', () => {
  expect(new Set(all.map(([code]) => code))).toEqual(new Set(Object.keys(failureCatalogue)));
});

test('every pattern matches a text that some tool has printed', () => {
  const said = [...failures.values()].map((failure) => (failure as TicketFailure).detail);
  const unsaid = knownTexts.filter(([text]) => !said.some((detail) => text.test(detail)));
  expect(unsaid.map(([text]) => text.source)).toEqual([]);
});
