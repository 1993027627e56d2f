import { parseCredentialCache } from './credential-cache.ts';
import { isTgt } from './service-principal.ts';

/** The flags FORWARDABLE, PROXIABLE, MAY-POSTDATE and RENEWABLE (RFC 4120, section 5.3, bit 0 is the highest). */
const passedOn = 0x4000_0000 | 0x1000_0000 | 0x0400_0000 | 0x0080_0000;

/**
 * A cache that holds only a copy of the TGT and makes kvno request a new service ticket from the domain controller. The
 * new ticket has at most this lifetime and can be neither renewed nor forwarded.
 *
 * kvno has no options for this. It returns a service ticket that is already in the cache. MIT's client requests the end
 * time that the cache records for the TGT (the `till` of RFC 4120, section 5.4.1), and those of the TGT's flags that
 * can be passed on. These records are not part of the ticket, which stays as it is, so an earlier end or a cleared flag
 * in them changes just what is requested.
 *
 * @param now this machine's clock
 * @param lifetime seconds
 */
export function requestCache(tgtCache: Buffer, now: Date, lifetime: number): Buffer {
  const copy = Buffer.from(tgtCache);
  const { tickets, clockOffset, headLength } = parseCredentialCache(tgtCache);
  const tgts = tickets.filter(isTgt);
  for (const { endsAt, position } of tgts) {
    const wanted = Math.round(now.getTime() / 1000 + clockOffset + lifetime);
    if (wanted < endsAt.getTime() / 1000) {
      copy.writeUInt32BE(wanted, position.endsAt);
    }
    // The bitwise operators return a signed number.
    copy.writeUInt32BE((copy.readUInt32BE(position.flags) & ~passedOn) >>> 0, position.flags);
  }
  const entries = tgts.map(({ position }) => copy.subarray(position.from, position.to));
  return Buffer.concat([copy.subarray(0, headLength), ...entries]);
}

/** Adds the tickets of another cache to a cache of the same user. */
export function withTicketsOf(cache: Buffer, other: Buffer): Buffer {
  const added = parseCredentialCache(other).tickets.map(({ position }) =>
    other.subarray(position.from, position.to),
  );
  return Buffer.concat([cache, ...added]);
}
