import type { AttemptBudget, Need } from '../credentials/attempt-budget.ts';
import type { Candidate, CredentialsSource } from '../credentials/credentials-source.ts';
import { asTicketFailure } from '../failures/classify.ts';
import { TicketFailure } from '../failures/ticket-failure.ts';
import type { KerberosTools } from '../kerberos/kerberos-tools.ts';
import type { Log } from '../signals/log.ts';

export interface SignInOptions {
  readonly credentials: CredentialsSource;
  readonly tools: Pick<KerberosTools, 'obtainTgt'>;
  readonly budget: AttemptBudget;
  /** Waits before the first try of a password that may well be wrong. */
  readonly awaitFirstTry: (signal: AbortSignal) => Promise<void>;
  readonly log: Log;
  readonly now: () => Date;
}

/** What signing in revealed about the password. */
export interface PasswordFacts {
  readonly changedAt?: Date | undefined;
  readonly expiresAt?: Date | undefined;
}

/** Milliseconds: a week. */
const soon = 7 * 24 * 3600 * 1000;

/**
 * Obtains a TGT with the first password that the directory accepts and the attempt budget admits.
 * @param need why a recently refused password may be tried again, as far as the budget allows
 * @throws TicketFailure `password-refused` if no password was accepted or admitted, `unexpected` if none was admitted
 *   because of answers that may have been refusals; another failure is thrown if it comes before any password was
 *   refused or withheld
 */
export async function signIn(
  { credentials, tools, budget, awaitFirstTry, log, now }: SignInOptions,
  signal: AbortSignal,
  need: Need,
): Promise<PasswordFacts> {
  const reasons: string[] = [];
  let isUnclear = true;
  const failed: string[] = [];
  let other: TicketFailure | undefined;
  try {
    for await (const candidate of credentials.candidates(signal)) {
      const { origin, key } = candidate;
      failed.push(candidate.password);
      const admittedAt = await budget.admittedAt(candidate.password, need);
      if (admittedAt > now()) {
        const until = admittedAt.toISOString();
        log('password.withheld', { origin, key, until });
        const unclear = await budget.unclearAnswer(candidate.password);
        isUnclear &&= unclear !== undefined;
        const said = unclear ? `; to the last try the domain controller said: ${unclear}` : '';
        reasons.push(
          `${key} of ${origin}: not tried before ${until}, so that the account is not locked${said}`,
        );
        continue;
      }
      if (candidate.isUncertain) {
        await awaitFirstTry(signal);
      }
      const outcome = await attempt(candidate);
      if (!(outcome instanceof TicketFailure)) {
        return outcome;
      }
      isUnclear = false;
      reasons.push(`${key} of ${origin}: ${outcome.detail}`);
    }
  } catch (error) {
    // A failure to fetch AWSPENDING must not hide that AWSCURRENT was refused.
    other = asTicketFailure(error);
    if (reasons.length === 0) {
      throw other;
    }
  }
  const admitted = await Promise.all(failed.map((password) => budget.admittedAt(password, need)));
  throw new TicketFailure(
    reasons.length > 0 && isUnclear ? 'unexpected' : 'password-refused',
    [...reasons, ...(other ? [other.detail] : [])].join('; '),
    { retryAt: new Date(Math.min(...admitted.map(Number))) },
  );

  async function attempt({ username, password, changedAt, origin, key }: Candidate) {
    try {
      const expiresAt = await tools.obtainTgt(username, password, signal);
      await budget.accepted();
      credentials.accepted(password);
      log('tgt.obtained', { username, origin, key });
      if (expiresAt && expiresAt.getTime() - now().getTime() < soon) {
        log('password.expiring', { username, expiresAt: expiresAt.toISOString() });
      }
      if (key === 'nextPassword') {
        log('password.next', { username, origin });
      } else if (!['injected', 'AWSCURRENT'].includes(origin)) {
        log('password.other-version', { username, origin });
      }
      return { changedAt, expiresAt };
    } catch (error) {
      if (error instanceof TicketFailure && error.mayBeRefusal) {
        await budget.refused(password, error.detail);
        log('password.unclear', { username, origin, key, explanation: error.message });
      }
      if (!(error instanceof TicketFailure) || error.code !== 'password-refused') {
        throw error;
      }
      await budget.refused(password);
      log('password.refused', { username, origin, key });
      return error;
    }
  }
}
