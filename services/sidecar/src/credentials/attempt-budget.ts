import { randomBytes, scryptSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { replaceFile } from '../publication/replace-file.ts';

export interface AttemptBudgetOptions {
  /** Where refusals are kept, so that a restart does not refill the budget. */
  readonly file: string;
  /** Refused attempts allowed in a series; one more is kept for a password that was not tried yet. */
  readonly attempts: number;
  /** Seconds; the directory's "reset lockout counter after" is the right value. */
  readonly window: number;
  /** Seconds before a password is tried again out of urgency, twice that before the next time, and so on. */
  readonly urgentPause: number;
  readonly now: () => Date;
}

/**
 * Keeps the sidecar from locking the account out. Active Directory resets its counter only after a whole window without a
 * refusal (MS-SAMR, badPwdCount and LockOutObservationWindow), so refusals that are less than a window apart make a series,
 * and the length of a series is limited. Within it, a refused password is tried again only when an operator asks, or after
 * a pause while there is no ticket. A password that was not tried yet goes first: someone may just have put it into the
 * secret to mend things.
 *
 * The pause is there because a refusal is not authenticated (RFC 4120, section 7.5.9: a KRB-ERROR has no checksum that
 * counts): whoever can answer in a domain controller's place could shut the sidecar out for a whole window.
 */
export interface AttemptBudget {
  /** When this password may be tried; a time that has passed means now. */
  admittedAt(password: string, need?: Need): Promise<Date>;
  /**
   * Notes that the directory refused it.
   * @param unclear what it said, when that may have been a refusal or something else
   */
  refused(password: string, unclear?: string): Promise<void>;
  /** What the directory said to it last, when that was unclear. */
  unclearAnswer(password: string): Promise<string | undefined>;
  /** Forgets all refusals: a right password resets the directory's counter as well. */
  accepted(): Promise<void>;
}

/** Why a password that was refused a while ago may be tried again. */
export interface Need {
  /** An operator wants it. */
  readonly repeat?: boolean;
  /** No ticket is held. */
  readonly isUrgent?: boolean;
}

/** A little longer than the window: other tasks of the service, started in the same minute, refill theirs first. */
const quiet = 1.1;

interface Refusal {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly fingerprint: string;
  readonly unclear?: string;
}

interface State {
  readonly salt: string;
  readonly refusals: readonly Refusal[];
}

/** A budget kept in a file. A file that cannot be read counts as an empty one. */
export function createAttemptBudget({
  file,
  attempts,
  window,
  urgentPause,
  now,
}: AttemptBudgetOptions): AttemptBudget {
  let stored: State | undefined;
  const fingerprints = new Map<string, string>();

  /** Made once: a right password must follow a wrong one quickly, while other tasks sign in with the same account. */
  function fingerprintOf(password: string, salt: string): string {
    const made = fingerprints.get(password + salt) ?? fingerprint(password, salt);
    fingerprints.set(password + salt, made);
    return made;
  }

  const seriesEnds = (refusals: readonly Refusal[]) => (refusals.at(-1)?.at ?? 0) + window * quiet * 1000;

  async function state(): Promise<State> {
    stored ??= await load(file);
    return now().getTime() < seriesEnds(stored.refusals) ? stored : { ...stored, refusals: [] };
  }

  async function keep(next: State): Promise<void> {
    stored = next;
    // On a full disk the budget still holds as long as this process lives.
    await replaceFile(file, JSON.stringify(next), { mode: 0o600 }).catch(() => {});
  }

  return {
    async admittedAt(password, { repeat = false, isUrgent = false } = {}) {
      const { salt, refusals } = await state();
      if (refusals.length === 0) {
        return new Date(0);
      }
      const same = fingerprintOf(password, salt);
      const known = refusals.filter((refusal) => refusal.fingerprint === same);
      if (known.length === 0) {
        return new Date(refusals.length <= attempts ? 0 : seriesEnds(refusals));
      }
      if (refusals.length < attempts && (repeat || isUrgent)) {
        const pause = urgentPause * 1000 * 2 ** (known.length - 1);
        return new Date(repeat ? 0 : Math.min((refusals.at(-1)?.at ?? 0) + pause, seriesEnds(refusals)));
      }
      return new Date(seriesEnds(refusals));
    },
    async refused(password, unclear) {
      const { salt, refusals } = await state();
      const refusal = { at: now().getTime(), fingerprint: fingerprintOf(password, salt) };
      await keep({ salt, refusals: [...refusals, { ...refusal, ...(unclear && { unclear }) }] });
    },
    async unclearAnswer(password) {
      const { salt, refusals } = await state();
      const same = fingerprintOf(password, salt);
      return refusals.findLast(({ fingerprint }) => fingerprint === same)?.unclear;
    },
    async accepted() {
      const { salt, refusals } = await state();
      if (refusals.length > 0) {
        await keep({ salt, refusals: [] });
      }
    },
  };
}

async function load(file: string): Promise<State> {
  try {
    const { salt, refusals } = JSON.parse(await readFile(file, 'utf8')) as State;
    if (typeof salt === 'string' && Array.isArray(refusals)) {
      return { salt, refusals };
    }
  } catch {
    // Absent at the first start.
  }
  return { salt: randomBytes(16).toString('hex'), refusals: [] };
}

/** Tells passwords apart without keeping them: scrypt (RFC 7914), salted. */
function fingerprint(password: string, salt: string): string {
  return scryptSync(password, salt, 16, { cost: 4096 }).toString('hex');
}
