import { describe, expect, test } from 'vitest';
import { sampleCache } from '../../test/sample-cache.ts';
import { injectedCredentials } from '../credentials/credentials-source.ts';
import { type FailureCode, failureCatalogue } from '../failures/failure-catalogue.ts';
import { TicketFailure } from '../failures/ticket-failure.ts';
import { parseCredentialCache } from '../kerberos/credential-cache.ts';
import { createTgtKeeper } from './tgt-keeper.ts';

const server = 'krbtgt/CORP.EXAMPLE.COM@CORP.EXAMPLE.COM';
const startsAt = Date.parse('2026-01-01T00:00:00Z') / 1000;
// Renewable for another hour (sample-cache.ts).
const tgt = { server, startsAt, endsAt: startsAt + 36_000 };

/** A keeper with a TGT of ten hours, `seconds` into its life, whose sign-ins fail. */
function failing(code: FailureCode, seconds: number) {
  const done: string[] = [];
  const keeper = createTgtKeeper({
    credentials: injectedCredentials({ username: 'db-user', password: 'word', unknownKeys: [] }),
    tools: {
      readTgt: async () => parseCredentialCache(sampleCache([tgt])),
      async obtainTgt() {
        throw new TicketFailure(code, 'something');
      },
      async renewTgt() {
        done.push('renewed');
      },
      obtainServiceTicket: () => Promise.reject(new Error('is not asked for')),
      destroyTgt: () => Promise.reject(new Error('is not asked for')),
    },
    budget: {
      admittedAt: async () => new Date(0),
      refused: async () => {},
      unclearAnswer: async () => undefined,
      accepted: async () => {},
    },
    awaitFirstTry: async () => {},
    log: () => {},
    now: () => new Date((startsAt + seconds) * 1000),
    renewAt: 0.5,
    username: 'db-user',
  });
  const { signal } = new AbortController();
  const prepare = () => keeper.prepare({ signal, withPassword: true, repeat: false, isUrgent: false });
  return { prepare, done };
}

/** Codes after which the present TGT is useless too. */
const silence = ['kdc-unreachable', 'kdc-name-unresolved', 'realm-unknown', 'time-limit', 'tool-missing'];

describe('a sign-in that fails', () => {
  test.for(Object.keys(failureCatalogue) as FailureCode[])('because of %s', async (code) => {
    const [young, due, ended] = [failing(code, 60), failing(code, 20_000), failing(code, 36_000)];
    const isSilence = silence.includes(code);
    if (isSilence) {
      await expect(young.prepare()).rejects.toMatchObject({ code });
      await expect(due.prepare()).rejects.toMatchObject({ code });
    } else {
      expect(await young.prepare()).toMatchObject({ replaced: false, problem: { code } });
      expect(await due.prepare()).toMatchObject({ replaced: true, problem: { code } });
    }
    expect([young.done, due.done]).toEqual([[], isSilence ? [] : ['renewed']]);
    await expect(ended.prepare()).rejects.toMatchObject({ code });
  });
});
