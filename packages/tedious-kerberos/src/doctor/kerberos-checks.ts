import {
  type Credential,
  type CredentialCache,
  formatPrincipal,
  KerberosError,
  kdcClock,
  type TicketSource,
  ticketEncryptionType,
} from 'kerberos-client';
import type { LoginTarget } from '../authenticator.ts';
import { hints } from '../errors/codes.ts';
import { loginErrorCode, missingTicketError } from '../kerberos/explain-kerberos-error.ts';
import type { Tickets } from '../kerberos/tickets.ts';
import { type Check, failed, passed, skipped, warning } from './check.ts';
import { clockAhead, clockDifference, isNoticeable } from './clock.ts';

/** How far clocks may differ, in milliseconds (RFC 4120, section 8.2). */
const clockSkew = 300_000;

/** Reads the credential cache, or reports why it cannot be read. */
export async function examineCache(
  tickets: TicketSource,
): Promise<{ check: Check; cache?: CredentialCache | undefined }> {
  try {
    const { path, cache } = await tickets.currentCache();
    const count = cache.credentials.length;
    return {
      check: passed('cache', `${path} holds ${count} ${count === 1 ? 'ticket' : 'tickets'}.`),
      cache,
    };
  } catch (error) {
    if (!(error instanceof KerberosError)) throw error;
    return { check: failed('cache', loginErrorCode(error), error.message) };
  }
}

export function examinePrincipal(cache: CredentialCache): Check {
  const until = (time: Date) => time.toISOString().replace(/\.\d+Z$/, 'Z');
  const held = cache.credentials.map(
    ({ server, endsAt }) => `${formatPrincipal(server)} until ${until(endsAt)}`,
  );
  return passed('principal', `${formatPrincipal(cache.principal)}. Tickets: ${held.join(', ') || 'none'}.`);
}

/** Compares our clock, corrected by the offset in the cache as Kerberos does, with the domain controller's. */
export async function examineClock(
  tickets: TicketSource,
  cache: CredentialCache,
  signal: AbortSignal,
): Promise<Check> {
  const { clockOffset, credentials, principal } = cache;
  if (!credentials.some(({ server }) => server.name.parts[0]?.toString() === 'krbtgt')) {
    return Math.abs(clockOffset) > clockSkew
      ? warning(
          'clock',
          `When the ticket was obtained, this clock was ${clockDifference(-clockOffset)} the domain controller's.`,
          'Set the clock with NTP, then obtain a new ticket.',
        )
      : passed(
          'clock',
          'Not compared with a domain controller, because the cache has no ticket-granting ticket.',
        );
  }
  try {
    const asked = Date.now();
    const time = await kdcClock(await tickets.kdcClient(), principal, signal);
    if (!time) return skipped('clock', 'The domain controller did not report its time.');
    const ahead = clockAhead(time.getTime(), asked + clockOffset, Date.now() + clockOffset);
    // kinit also records an offset if a second merely begins during its request, so small offsets are not mentioned.
    const corrected = isNoticeable(clockOffset) ? 'This clock, as the cache corrects it,' : 'This clock';
    const detail = `${corrected} is ${clockDifference(ahead)} the domain controller's.`;
    return Math.abs(ahead) > clockSkew ? failed('clock', 'CLOCK_SKEW', detail) : passed('clock', detail);
  } catch (error) {
    if (error !== signal.reason && !(error instanceof KerberosError)) throw error;
    return skipped('clock', `The domain controller did not report its time: ${(error as Error).message}`);
  }
}

export interface Service {
  readonly target: LoginTarget;
  readonly spn: string;
}

/** Checks the ticket for the server and its encryption type. */
export async function* examineTicket(
  tickets: Tickets,
  cache: CredentialCache,
  { target, spn }: Service,
  signal: AbortSignal,
): AsyncGenerator<Check, void> {
  try {
    const credential = await tickets.ticketFor(spn, { signal });
    const held = cache.credentials.some(({ ticket }) => ticket.equals(credential.ticket));
    const where = held ? 'In the cache' : 'Obtained from a domain controller';
    yield passed('ticket', `${where}: ${spn}, until ${credential.endsAt.toISOString()}.`);
    yield encryption(credential);
  } catch (error) {
    if (error === signal.reason) {
      yield failed('ticket', 'TIMEOUT', `No ticket for ${spn} came in time.`);
    } else if (error instanceof KerberosError) {
      const { code, message } = missingTicketError(error, { spn, target });
      if (code === 'ENCRYPTION_TYPE_UNSUPPORTED') {
        yield skipped('ticket', 'There is no usable ticket; see the encryption type.');
        yield failed('encryption-type', code, message);
        return;
      }
      yield failed('ticket', code, message);
    } else throw error;
    yield skipped('encryption-type', 'Needs the ticket.');
  }
}

/** Deprecated encryption types for the ticket itself (RFC 6649 for DES, RFC 8429 for RC4). */
const weak: Readonly<Record<number, string>> = { 1: 'des-cbc-crc', 3: 'des-cbc-md5', 23: 'arcfour-hmac' };

function encryption({ key, ticket }: Credential): Check {
  const detail = `The session key is ${key.type.name} (${key.type.number}).`;
  const seal = weak[ticketEncryptionType(ticket)];
  if (!seal) return passed('encryption-type', detail);
  return warning(
    'encryption-type',
    `${detail} The ticket is encrypted with ${seal}, because SQL Server's account has no AES key or may not use it.`,
    `${hints.ENCRYPTION_TYPE_UNSUPPORTED} Active Directory will stop issuing such tickets.`,
    'directory',
  );
}
