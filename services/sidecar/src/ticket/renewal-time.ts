interface Lifetime {
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/**
 * When to renew: after this fraction of the real lifetime, up to a twentieth of it sooner,
 * so that the sidecars of a service do not all come at once.
 * @param chance a number from 0 up to 1
 */
export function renewalTime({ startsAt, endsAt }: Lifetime, fraction: number, chance: number): Date {
  const lifetime = endsAt.getTime() - startsAt.getTime();
  return new Date(startsAt.getTime() + lifetime * fraction * (1 - chance / 20));
}

/** Active Directory takes no TGT in the last two minutes of its life, so that none of kpasswd's passes for one. */
const refusedAtEnd = 120;

/** Whether a TGT ought to be replaced before it is used again; not later than a service ticket of the same age. */
export function isTgtDue(tgt: Lifetime, fraction: number, now: Date): boolean {
  const usableUntil = tgt.endsAt.getTime() - (refusedAtEnd + 5) * 1000;
  return now >= renewalTime(tgt, fraction, 1) || now.getTime() >= usableUntil;
}
