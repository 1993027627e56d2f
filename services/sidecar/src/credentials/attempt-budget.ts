import { randomBytes, scryptSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { replaceFile } from '../publication/replace-file.ts';

export interface AttemptBudgetOptions {
  /** The file that stores refusals, so that a restart does not refill the budget. */
  readonly file: string;
  /** Refused attempts allowed in a series; one more is reserved for a password that has not been tried yet. */
  readonly attempts: number;
  /** Seconds; set this to the directory's "reset lockout counter after". */
  readonly window: number;
  /** Seconds before a refused password is tried again because there is no ticket; doubles with each refusal of it. */
  readonly urgentPause: number;
  readonly now: () => Date;
}

/**
 * Keeps the sidecar from locking the account out. Active Directory resets its counter only after a whole window without
 * a refusal (MS-SAMR, badPwdCount and LockOutObservationWindow). Refusals less than a window apart therefore form a
 * series, and the budget limits the length of a series. Within a series, a refused password is tried again only when an
 * operator asks, or after a pause while there is no ticket. A password that has not been tried yet goes first, because
 * someone may just have put it into the secret to fix the problem.
 *
 * A refused password is tried again at all because refusals are not authenticated (RFC 4120, section 7.5.9: a KRB-ERROR
 * has no checksum that counts). Otherwise an attacker who can answer in a domain controller's place could shut the
 * sidecar out for a whole window.
 */
export interface AttemptBudget {
  /** When this password may be tried; a time in the past means now. */
  admittedAt(password: string, need?: Need): Promise<Date>;
  /**
   * Records that the directory refused the password.
   * @param unclear the directory's answer, if it may or may not have been a refusal
   */
  refused(password: string, unclear?: string): Promise<void>;
  /** The directory's last answer to this password, if that was unclear. */
  unclearAnswer(password: string): Promise<string | undefined>;
  /** Forgets all refusals; a correct password resets the directory's counter as well. */
  accepted(): Promise<void>;
}

/** Why a recently refused password may be tried again. */
export interface Need {
  /** An operator asked for it. */
  readonly repeat?: boolean;
  /** No ticket is held. */
  readonly isUrgent?: boolean;
}

/** Slightly longer than the window, so that the windows of tasks started in the same minute have also passed. */
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

/** A budget stored in a file. An unreadable file counts as empty. */
export function createAttemptBudget({
  file,
  attempts,
  window,
  urgentPause,
  now,
}: AttemptBudgetOptions): AttemptBudget {
  let stored: State | undefined;
  const fingerprints = new Map<string, string>();

  /**
   * Caches fingerprints, because the right password must follow a wrong one quickly: other tasks use the same account.
   */
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
    // If the file cannot be written, as on a full disk, the budget still holds while this process lives.
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
    // The file is absent at the first start.
  }
  return { salt: randomBytes(16).toString('hex'), refusals: [] };
}

/** Identifies a password without storing it: salted scrypt (RFC 7914). */
function fingerprint(password: string, salt: string): string {
  return scryptSync(password, salt, 16, { cost: 4096 }).toString('hex');
}
