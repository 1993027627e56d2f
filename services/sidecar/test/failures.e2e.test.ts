import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asTicketFailure, knownTexts } from '../src/failures/classify.ts';
import { failureCatalogue } from '../src/failures/failure-catalogue.ts';
import type { TicketFailure } from '../src/failures/ticket-failure.ts';
import { type FailureSite, startFailureSite } from './failures/failure-site.ts';
import { type Cause, causes, lastCauses, makeAccounts } from './failures/failures.ts';

// Every failure that the sidecar can name, brought about for real: by MIT's tools, a KDC, a file system, a clock.
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
  // Some wait for the limits of tools: they wait side by side.
  await Promise.all(causes.map(bringAbout));
  for (const cause of lastCauses) await bringAbout(cause);
});
afterAll(() => site.dispose());

describe('a failure is told by its cause:', () => {
  test.for(all)('%s when %s', (cause) => {
    const [code] = cause;
    const { cause: what, remedy } = failureCatalogue[code];
    const failure = failures.get(cause);
    expect(failure).toMatchObject({ code, message: expect.stringContaining(`${what} ${remedy} (`) });
    // What the tool or the system said is shown, also where nobody knows what it means.
    expect((failure as TicketFailure).detail).toMatch(/\w{2}/);
  });
});

test('no code is in the catalogue that has not happened', () => {
  expect(new Set(all.map(([code]) => code))).toEqual(new Set(Object.keys(failureCatalogue)));
});

test('no text decides that no tool has said', () => {
  const said = [...failures.values()].map((failure) => (failure as TicketFailure).detail);
  const unsaid = knownTexts.filter(([text]) => !said.some((detail) => text.test(detail)));
  expect(unsaid.map(([text]) => text.source)).toEqual([]);
});
