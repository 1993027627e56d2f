import { parseCredentialCache } from './credential-cache.ts';
import { isTgt } from './service-principal.ts';

/**
 * A copy of a TGT's cache that makes kvno ask for a service ticket of at most this lifetime.
 *
 * kvno has no option for a lifetime: MIT's client asks for the end time that the cache notes for the TGT
 * (the `till` of RFC 4120, section 5.4.1). This note is not part of the ticket, which stays as it is, so an earlier
 * end written there is an earlier end asked for.
 *
 * @param now this machine's clock
 * @param lifetime seconds
 */
export function requestCache(tgtCache: Buffer, now: Date, lifetime: number): Buffer {
  const copy = Buffer.from(tgtCache);
  const { tickets, clockOffset } = parseCredentialCache(tgtCache);
  for (const ticket of tickets.filter(isTgt)) {
    const wanted = Math.round(now.getTime() / 1000 + clockOffset + lifetime);
    if (wanted < ticket.endsAt.getTime() / 1000) {
      copy.writeUInt32BE(wanted, ticket.endsAtPosition);
    }
  }
  return copy;
}
