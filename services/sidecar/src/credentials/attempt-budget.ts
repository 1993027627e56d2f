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
  readonly now: () => Date;
}

/**
 * Keeps the sidecar from locking the account out. Active Directory counts refusals and forgets them only when a window
 * has passed without one (MS-SAMR, badPwdCount and LockOutObservationWindow), so refusals with less time between
 * make a series, and it is the series that is limited, by its length. A password of the series is not tried again in it,
 * but by an operator; one that was not refused yet is what a person or a rotation has put into the secret to mend things.
 */
export interface AttemptBudget {
  /** When this password may be tried; a time that has passed means now. `repeat`: an operator wants it again. */
  admittedAt(password: string, options?: { readonly repeat?: boolean }): Promise<Date>;
  /** Notes that the directory refused it. */
  refused(password: string): Promise<void>;
  /** Forgets all refusals: a right password resets the directory's counter as well. */
  accepted(): Promise<void>;
}

/** A little longer than the window: other tasks of the service, started in the same minute, refill theirs first. */
const quiet = 1.1;

interface Refusal {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly fingerprint: string;
}

interface State {
  readonly salt: string;
  readonly refusals: readonly Refusal[];
}

/** A budget kept in a file. A file that cannot be read counts as an empty one. */
export function createAttemptBudget({ file, attempts, window, now }: AttemptBudgetOptions): AttemptBudget {
  let known: State | undefined;

  const seriesEnds = (refusals: readonly Refusal[]) => (refusals.at(-1)?.at ?? 0) + window * quiet * 1000;

  async function state(): Promise<State> {
    known ??= await load(file);
    return now().getTime() < seriesEnds(known.refusals) ? known : { ...known, refusals: [] };
  }

  async function keep(next: State): Promise<void> {
    known = next;
    // On a full disk the budget still holds as long as this process lives.
    await replaceFile(file, JSON.stringify(next), { mode: 0o600 }).catch(() => {});
  }

  return {
    async admittedAt(password, { repeat = false } = {}) {
      const { salt, refusals } = await state();
      if (refusals.length === 0) {
        return new Date(0);
      }
      const same = fingerprint(password, salt);
      const isKnown = refusals.some((refusal) => refusal.fingerprint === same);
      const isAdmitted = isKnown ? repeat && refusals.length < attempts : refusals.length <= attempts;
      return new Date(isAdmitted ? 0 : seriesEnds(refusals));
    },
    async refused(password) {
      const { salt, refusals } = await state();
      await keep({
        salt,
        refusals: [...refusals, { at: now().getTime(), fingerprint: fingerprint(password, salt) }],
      });
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
