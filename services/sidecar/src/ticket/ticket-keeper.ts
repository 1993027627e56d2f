import { readFile } from 'node:fs/promises';
import { asTicketFailure } from '../failures/classify.ts';
import { TicketFailure } from '../failures/ticket-failure.ts';
import { isWeakEncryption } from '../kerberos/encryption-type.ts';
import type { KerberosTools } from '../kerberos/kerberos-tools.ts';
import type { PublishedFile } from '../publication/published-file.ts';
import type { Log } from '../signals/log.ts';
import type { Metrics } from '../signals/metrics.ts';
import { backOff } from './back-off.ts';
import { renewalTime } from './renewal-time.ts';
import { createSleeper } from './sleeper.ts';
import type { StandingKeeper } from './standing-keeper.ts';
import type { TgtKeeper } from './tgt-keeper.ts';
import { isValid, serviceTicketIn } from './ticket.ts';

export interface TicketKeeperOptions {
  readonly spn: string;
  readonly ticketMode: 'service-ticket' | 'tgt';
  readonly renewAt: number;
  /** The only user whose ticket is taken over from an earlier run, as `user@REALM`; `undefined`: any. */
  readonly principal: string | undefined;
  readonly tools: KerberosTools;
  readonly tgt: TgtKeeper;
  readonly cache: PublishedFile;
  readonly standing: StandingKeeper;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly now: () => Date;
  /** A number from 0 up to 1. */
  readonly chance: () => number;
}

/** The sidecar's heart: always a valid service ticket in the shared folder. */
export interface TicketKeeper {
  /** Obtains and renews until `stop`. */
  run(): Promise<void>;
  /** Signs in with the password and renews now. `repeat`: even if that password was refused a moment ago. */
  renewNow(reason: string, options?: { readonly repeat?: boolean }): void;
  /** Ends `run`, and kills a tool that is at work. */
  stop(): void;
}

/** The TGT is of no more use after these; it is obtained again at the next try. */
const spoiltTgt = ['ticket-expired', 'cache-missing', 'cache-corrupt'];

/** A clock that differs by more than this many seconds is worth a warning; Kerberos refuses 300. */
const noticeableOffset = 60;

/** Milliseconds between two renewals, however short the directory makes the tickets. */
const shortestWait = 1000;

export function createTicketKeeper(options: TicketKeeperOptions): TicketKeeper {
  const { spn, tools, tgt, cache, standing, log, metrics, now, chance } = options;
  const stopped = new AbortController();
  const { signal } = stopped;
  const sleeper = createSleeper(now);
  let nextAttempt = now();
  let dueAt = now();
  let failures = 0;
  let request: { readonly repeat: boolean } | undefined;
  let requests = 0;
  let unpublished = false;

  async function takeOver(): Promise<void> {
    const bytes = await readFile(cache.path).catch(() => Buffer.alloc(0));
    try {
      const ticket = serviceTicketIn(bytes, spn);
      const ours = !options.principal || ticket?.principal === options.principal;
      if (ticket && ours && isValid(ticket, now())) {
        cache.adopt(bytes);
        await standing.takeUp(ticket);
        dueAt = nextAttempt = renewalTime(ticket, options.renewAt, chance());
        log('ticket.adopted', { endsAt: ticket.endsAt.toISOString(), renewsAt: dueAt.toISOString() });
        return;
      }
    } catch {
      // Absent at the first start; a damaged one is replaced like an absent one.
    }
    await standing.takeUp(undefined);
  }

  /** @returns why the password could not be used, when there is a new ticket or a good one all the same */
  async function renew(): Promise<TicketFailure | undefined> {
    const due = now() >= dueAt || !isValid(standing.ticket, now());
    // In this mode kvno hands out the service ticket that is in the TGT's cache already, so the TGT must be new.
    const newTgt = due && options.ticketMode === 'tgt';
    const withPassword = newTgt || request !== undefined || standing.has('password');
    const repeat = request?.repeat ?? false;
    request = request && { repeat: false };
    const { replaced, problem } = await tgt.prepare({ signal, withPassword, repeat });
    if (!problem) {
      request = undefined;
    }
    unpublished ||= replaced || due;
    if (unpublished) {
      await publish();
      unpublished = false;
    }
    return problem;
  }

  async function publish(): Promise<void> {
    const bytes = await (options.ticketMode === 'tgt'
      ? tools.obtainBoth(spn, signal)
      : tools.obtainServiceTicket(spn, signal));
    const ticket = serviceTicketIn(bytes, spn);
    if (!ticket) {
      throw new TicketFailure('unexpected', `kvno gave a cache without a ticket for ${spn}`);
    }
    await cache.publish(bytes);
    standing.published(ticket);
    dueAt = renewalTime(ticket, options.renewAt, chance());
    const { encryptionType, clockOffset } = ticket;
    log('ticket.published', {
      principal: ticket.principal,
      spn,
      endsAt: ticket.endsAt.toISOString(),
      renewsAt: dueAt.toISOString(),
      encryptionType,
    });
    metrics.renewed(encryptionType);
    if (isWeakEncryption(encryptionType)) {
      log('ticket.weak-encryption', { encryptionType });
    }
    if (Math.abs(clockOffset) > noticeableOffset) {
      log('clock.skewed', { seconds: clockOffset });
    }
  }

  async function attempt(): Promise<void> {
    const requestsBefore = requests;
    try {
      const passwordProblem = await renew();
      standing.problem('renewal', undefined);
      standing.problem('password', passwordProblem);
      if (passwordProblem) {
        retryAfter(passwordProblem);
      } else {
        failures = 0;
        nextAttempt = new Date(Math.max(dueAt.getTime(), now().getTime() + shortestWait));
      }
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      const failure = asTicketFailure(error);
      standing.problem('renewal', failure);
      retryAfter(failure);
      if (spoiltTgt.includes(failure.code)) {
        await tools.destroyTgt();
      }
    }
    // Asked again while at work: what was done may have been too early.
    if (requests !== requestsBefore) {
      nextAttempt = now();
    }
  }

  function retryAfter(failure: TicketFailure): void {
    failures += 1;
    const wait = backOff(failures, chance());
    nextAttempt = new Date(now().getTime() + wait);
    const { code, kerberosError, message: explanation } = failure;
    metrics.failed(code, kerberosError);
    log('ticket.renewal-failed', { code, kerberosError, explanation, failures, retryInSeconds: wait / 1000 });
  }

  return {
    async run() {
      await takeOver();
      await standing.report();
      while (!signal.aborted) {
        if (now() >= nextAttempt) {
          await attempt();
        }
        await standing.report();
        const { ticket } = standing;
        const ends = ticket && isValid(ticket, now()) ? ticket.endsAt : nextAttempt;
        await sleeper.until(new Date(Math.min(ends.getTime(), nextAttempt.getTime())));
      }
    },
    renewNow(reason, { repeat = false } = {}) {
      log('ticket.renewal-requested', { reason });
      request = { repeat };
      requests += 1;
      failures = 0;
      nextAttempt = now();
      sleeper.wake();
    },
    stop() {
      stopped.abort();
      sleeper.wake();
    },
  };
}
