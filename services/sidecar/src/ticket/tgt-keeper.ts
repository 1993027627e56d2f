import type { Need } from '../credentials/attempt-budget.ts';
import { asTicketFailure } from '../failures/classify.ts';
import type { FailureCode } from '../failures/failure-catalogue.ts';
import type { TicketFailure } from '../failures/ticket-failure.ts';
import type { KerberosTools } from '../kerberos/kerberos-tools.ts';
import { isTgt } from '../kerberos/service-principal.ts';
import { isTgtDue } from './renewal-time.ts';
import { type PasswordFacts, type SignInOptions, signIn } from './sign-in.ts';
import { localTime } from './ticket.ts';

export interface TgtKeeperOptions extends SignInOptions {
  readonly tools: KerberosTools;
  /** The fraction of its lifetime after which a TGT is replaced. */
  readonly renewAt: number;
  /** The only user whose TGT is taken over from an earlier run; `undefined`: any user. */
  readonly username: string | undefined;
}

export interface PrepareOptions extends Need {
  readonly signal: AbortSignal;
  /** Sign in with the password even if the TGT is still good. */
  readonly withPassword: boolean;
}

export interface PreparedTgt {
  /** Whether the TGT has been replaced. */
  readonly replaced: boolean;
  /** Why signing in with the password failed, if the TGT can be used nevertheless. */
  readonly problem?: TicketFailure;
}

/** Keeps a usable TGT. */
export interface TgtKeeper {
  /** @throws TicketFailure if there is no usable TGT afterwards, or no domain controller answers */
  prepare(options: PrepareOptions): Promise<PreparedTgt>;
  readonly password: PasswordFacts;
}

/**
 * With these failures no domain controller answers, so the TGT is useless too. After others, an existing TGT may serve.
 */
const silence: readonly FailureCode[] = [
  'kdc-unreachable',
  'kdc-name-unresolved',
  'realm-unknown',
  'time-limit',
  'tool-missing',
];

/**
 * `prepare` signs in if the TGT is due or `withPassword` is set, and otherwise leaves the TGT as it is. If the password
 * cannot be used, it renews a due TGT without it, where the TGT allows that.
 */
export function createTgtKeeper(options: TgtKeeperOptions): TgtKeeper {
  const { tools, renewAt, log, now } = options;
  let password: PasswordFacts = {};

  async function current() {
    const cache = await tools.readTgt();
    const tgt = cache?.tickets.find(isTgt);
    if (!tgt || (options.username && !tgt.client.startsWith(`${options.username}@`))) {
      return undefined;
    }
    const [startsAt, endsAt, renewableUntil] = [tgt.startsAt, tgt.endsAt, tgt.renewableUntil].map((time) =>
      localTime(time, cache?.clockOffset ?? 0),
    ) as [Date, Date, Date];
    return { startsAt, endsAt, renewableUntil };
  }

  return {
    get password() {
      return password;
    },
    async prepare({ signal, withPassword, ...need }) {
      const tgt = await current();
      const due = !tgt || isTgtDue(tgt, renewAt, now());
      if (!due && !withPassword) {
        return { replaced: false };
      }
      try {
        password = await signIn(options, signal, need);
        return { replaced: true };
      } catch (error) {
        const problem = asTicketFailure(error);
        if (!tgt || now() >= tgt.endsAt || silence.includes(problem.code)) {
          throw error;
        }
        if (!due) {
          return { replaced: false, problem };
        }
        if (now() >= tgt.renewableUntil) {
          throw error;
        }
        await tools.renewTgt(signal).catch(() => {
          throw error;
        });
        log('tgt.renewed', { because: problem.code, renewableUntil: tgt.renewableUntil.toISOString() });
        return { replaced: true, problem };
      }
    },
  };
}
