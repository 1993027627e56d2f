import { parseCredentialCache } from './credential-cache.ts';
import { isTgt } from './service-principal.ts';

/** The flags FORWARDABLE, PROXIABLE, MAY-POSTDATE and RENEWABLE (RFC 4120, section 5.3, bit 0 is the highest). */
const passedOn = 0x4000_0000 | 0x1000_0000 | 0x0400_0000 | 0x0080_0000;

/**
 * A cache with a copy of the TGT alone that makes kvno ask the domain controller for a new service ticket, of at most
 * this lifetime, which can be neither renewed nor forwarded.
 *
 * kvno has options for none of these. A service ticket that is in the cache already it hands out again. MIT's client asks
 * for the end time that the cache notes for the TGT (the `till` of RFC 4120, section 5.4.1), and for those of the TGT's
 * flags that can be passed on. These notes are not part of the ticket, which stays as it is, so an earlier end written
 * there is an earlier end asked for, and a flag cleared there is one not asked for.
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
    // The bit operators give a signed number.
    copy.writeUInt32BE((copy.readUInt32BE(position.flags) & ~passedOn) >>> 0, position.flags);
  }
  const entries = tgts.map(({ position }) => copy.subarray(position.from, position.to));
  return Buffer.concat([copy.subarray(0, headLength), ...entries]);
}

/** The cache with the tickets of another one added; both are the same user's. */
export function withTicketsOf(cache: Buffer, other: Buffer): Buffer {
  const added = parseCredentialCache(other).tickets.map(({ position }) =>
    other.subarray(position.from, position.to),
  );
  return Buffer.concat([cache, ...added]);
}
