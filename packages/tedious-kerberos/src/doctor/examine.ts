import { TicketSource } from 'kerberos-client';
import { type Check, skipped } from './check.ts';
import { examineServer, type ServerExamination } from './examine-server.ts';
import { examineCache, examineClock, examinePrincipal } from './kerberos-checks.ts';
import { examineName } from './server-checks.ts';

export interface Examination extends Omit<ServerExamination, 'tickets' | 'cache' | 'isNamed'> {
  readonly ccache?: string | undefined;
}

/**
 * Checks everything that a login needs, one thing after the other. After a failure it continues with the checks that do not
 * depend on it. Changes nothing, but a refused login appears in the server's log.
 */
export async function* examine(examination: Examination): AsyncGenerator<Check, void> {
  const { connection, timeoutMilliseconds, ccache } = examination;
  const tickets = new TicketSource({ cache: ccache, timeoutMilliseconds });
  const { check, cache } = await examineCache(tickets);
  yield check;
  yield cache ? examinePrincipal(cache) : skipped('principal', 'Needs the cache.');
  yield cache
    ? await examineClock(tickets, cache, AbortSignal.timeout(timeoutMilliseconds))
    : skipped('clock', 'Needs the cache.');

  const name = await examineName(connection.server);
  yield name;
  yield* examineServer({ ...examination, tickets, cache, isNamed: name.status !== 'failed' });
}
