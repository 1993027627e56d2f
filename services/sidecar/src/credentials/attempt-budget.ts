import { randomBytes, scryptSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { replaceFile } from '../publication/replace-file.ts';

export interface AttemptBudgetOptions {
  /** Where refusals are kept, so that a restart does not refill the budget. */
  readonly file: string;
  /** Refused attempts allowed within a window. */
  readonly attempts: number;
  /** Seconds; the directory's "reset lockout counter after" is the right value. */
  readonly window: number;
  readonly now: () => Date;
}

/**
 * Keeps the sidecar from locking the account out. A password that was refused is not tried again before its share
 * of the window has passed, nor while the window's attempts are used up. One that was not refused yet may always
 * be tried: it is what a person or a rotation has put into the secret to mend things.
 */
export interface AttemptBudget {
  /** When this password may be tried; a time that has passed means now. `repeat`: an operator wants it again. */
  admittedAt(password: string, options?: { readonly repeat?: boolean }): Promise<Date>;
  /** Notes that the directory refused it. */
  refused(password: string): Promise<void>;
  /** Forgets all refusals: a right password resets the directory's counter as well. */
  accepted(): Promise<void>;
}

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

  async function state(): Promise<State> {
    known ??= await load(file);
    const since = now().getTime() - window * 1000;
    return { ...known, refusals: known.refusals.filter(({ at }) => at > since) };
  }

  async function keep(next: State): Promise<void> {
    known = next;
    // On a full disk the budget still holds as long as this process lives.
    await replaceFile(file, JSON.stringify(next), { mode: 0o600 }).catch(() => {});
  }

  return {
    async admittedAt(password, { repeat = false } = {}) {
      const { salt, refusals } = await state();
      const same = refusals.length > 0 ? fingerprint(password, salt) : undefined;
      const last = refusals.findLast((refusal) => refusal.fingerprint === same);
      if (!last) {
        return new Date(0);
      }
      const oldest = refusals.at(-attempts);
      const whenRefilled = oldest ? oldest.at + window * 1000 : 0;
      const whenRepeated = repeat ? 0 : last.at + (window / attempts) * 1000;
      return new Date(Math.max(whenRefilled, whenRepeated));
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
