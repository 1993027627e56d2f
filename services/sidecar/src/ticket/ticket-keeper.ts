import { readFile } from 'node:fs/promises';
import type { TicketMode } from '../configuration.ts';
import { asTicketFailure } from '../failures/classify.ts';
import type { KerberosTools } from '../kerberos/kerberos-tools.ts';
import type { ServicePrincipal } from '../kerberos/service-principal.ts';
import type { PublishedFile } from '../publication/published-file.ts';
import type { Log } from '../signals/log.ts';
import type { Metrics } from '../signals/metrics.ts';
import { next } from './machine/next.ts';
import { startingState } from './machine/start.ts';
import type { Effect, FoundTicket, KeeperEvent, Rules, Work } from './machine/state.ts';
import { createSleeper } from './sleeper.ts';
import type { StatusKeeper } from './status-keeper.ts';
import type { TgtKeeper } from './tgt-keeper.ts';
import { isValid, serviceTicketIn } from './ticket.ts';

export interface TicketKeeperOptions extends Rules {
  readonly server: ServicePrincipal;
  /** What the published cache holds. */
  readonly ticketMode: TicketMode;
  readonly tools: KerberosTools;
  readonly tgt: TgtKeeper;
  readonly cache: PublishedFile;
  readonly status: StatusKeeper;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly now: () => Date;
  /** A number from 0 up to 1. */
  readonly chance: () => number;
}

/** Keeps a valid service ticket in the shared folder. */
export interface TicketKeeper {
  /** Obtains and renews until `stop`. */
  run(): Promise<void>;
  /** Signs in with the password and renews now. `repeat`: even if that password was refused a moment ago. */
  renewNow(reason: string, options?: { readonly repeat?: boolean }): void;
  /** Ends `run`, and kills a running tool. */
  stop(): void;
}

/** Carries out what the machine (`machine/next.ts`) decides, and reports the outcome back to it. */
export function createTicketKeeper(options: TicketKeeperOptions): TicketKeeper {
  const { server, tools, tgt, cache, status, log, metrics, now, chance } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const sleeper = createSleeper(now);
  let state = startingState(now());

  /** Advances the machine by one step, and returns the work to do next. */
  function take(event: KeeperEvent): Work | undefined {
    const step = next(state, { ...event, at: now(), chance: chance() }, options);
    state = step.state;
    for (const effect of step.effects) {
      perform(effect);
    }
    return step.work;
  }

  function perform(effect: Effect): void {
    switch (effect.do) {
      case 'adopt':
        cache.adopt(effect.found.cache);
        status.adopted(effect.found.ticket);
        break;
      case 'note-ticket':
        status.published(effect.ticket);
        break;
      case 'note-problem':
        status.problem(effect.source, effect.failure);
        break;
      case 'count-renewal':
        metrics.renewed(effect.encryptionType);
        break;
      case 'count-failure':
        metrics.failed(effect.code, effect.kerberosError);
        break;
      case 'count-key-change':
        metrics.keyChanged();
        break;
      case 'count-refresh-failure':
        metrics.refreshFailed(effect.code);
        break;
      case 'log':
        log(effect.event, effect.fields);
    }
  }

  async function outcome(work: Work): Promise<KeeperEvent> {
    try {
      return await carryOut(work);
    } catch (error) {
      return { type: 'failed', failure: asTicketFailure(error) };
    }
  }

  async function carryOut(work: Work): Promise<KeeperEvent> {
    switch (work.do) {
      case 'prepare': {
        const { replaced, problem } = await tgt.prepare({ ...work, signal });
        return { type: 'prepared', replaced, problem };
      }
      case 'fetch': {
        const bytes = await tools.obtainServiceTicket(server.principal, options.ticketMode, signal);
        return { type: 'fetched', ticket: serviceTicketIn(bytes, server), cache: bytes };
      }
      case 'publish':
        await cache.publish(work.cache);
        return { type: 'published' };
      case 'discard':
        await tools.destroyTgt();
        return { type: 'discarded' };
    }
  }

  /** Finds the ticket of an earlier run; `undefined` if the cache is missing, as at the first start, or damaged. */
  async function findPublished(): Promise<FoundTicket | undefined> {
    try {
      const bytes = await readFile(cache.path);
      const ticket = serviceTicketIn(bytes, server);
      return ticket && { ticket, cache: bytes };
    } catch {
      return undefined;
    }
  }

  /** Sleeps until the next renewal or refresh, or until the published ticket ends, which changes the status. */
  async function passTime(): Promise<KeeperEvent> {
    await status.report();
    const { ticket, attemptAt, refreshAt } = state;
    const times = isValid(ticket, now()) ? [attemptAt, refreshAt, ticket?.endsAt] : [attemptAt];
    await sleeper.until(earliest(times));
    return { type: 'time-passed' };
  }

  return {
    async run() {
      await status.takeUp();
      let event: KeeperEvent | undefined = { type: 'started', found: await findPublished() };
      while (state.phase.name !== 'stopped') {
        const work = take(event ?? (await passTime()));
        event = work && (await outcome(work));
      }
    },
    renewNow(reason, { repeat = false } = {}) {
      take({ type: 'requested', reason, repeat });
      sleeper.wake();
    },
    stop() {
      stopping.abort();
      take({ type: 'stopped' });
      sleeper.wake();
    },
  };
}

function earliest(times: readonly (Date | undefined)[]): Date {
  return new Date(Math.min(...times.filter((time) => time !== undefined).map(Number)));
}
