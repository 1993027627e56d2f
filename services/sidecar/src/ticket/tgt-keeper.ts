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
  /** The only user whose TGT is taken over from an earlier run; `undefined`: any. */
  readonly username: string | undefined;
}

export interface PrepareOptions extends Need {
  readonly signal: AbortSignal;
  /** Sign in with the password even when the TGT is good for a while. */
  readonly withPassword: boolean;
}

export interface PreparedTgt {
  /** Whether there is another TGT than before. */
  readonly replaced: boolean;
  /** Why there could be no sign-in with the password, when the TGT can be used all the same. */
  readonly problem?: TicketFailure;
}

/** Keeps a TGT that can be used. */
export interface TgtKeeper {
  /** @throws TicketFailure when there is no usable TGT afterwards, or no domain controller answers */
  prepare(options: PrepareOptions): Promise<PreparedTgt>;
  readonly password: PasswordFacts;
}

/** Nobody answers, so the TGT is of no use either. After any other failure, one that is there may still serve. */
const silence: readonly FailureCode[] = [
  'kdc-unreachable',
  'kdc-name-unresolved',
  'realm-unknown',
  'time-limit',
  'tool-missing',
];

/** Does nothing before `prepare`, which signs in when the TGT is due or when told to, and else leaves the TGT as it is. */
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
