interface Lifetime {
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/**
 * When to renew: after this fraction of the actual lifetime, up to a twentieth of that time sooner, so that a service's
 * sidecars do not all renew at the same moment.
 * @param chance a number from 0 up to 1
 */
export function renewalTime({ startsAt, endsAt }: Lifetime, fraction: number, chance: number): Date {
  const lifetime = endsAt.getTime() - startsAt.getTime();
  return new Date(startsAt.getTime() + lifetime * fraction * (1 - chance / 20));
}

/** Seconds; Active Directory refuses a TGT in its last two minutes, so that a kpasswd ticket cannot pass for one. */
const refusedAtEnd = 120;

/** Whether to replace a TGT before its next use; no later than a service ticket of the same age. */
export function isTgtDue(tgt: Lifetime, fraction: number, now: Date): boolean {
  const usableUntil = tgt.endsAt.getTime() - (refusedAtEnd + 5) * 1000;
  return now >= renewalTime(tgt, fraction, 1) || now.getTime() >= usableUntil;
}
