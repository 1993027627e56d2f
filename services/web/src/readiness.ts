import type { TicketStatus } from '@packages/service';
import { DatabaseError, type MusicDatabase } from './music/music-database.ts';

/** The answer of `/readyz`. */
export interface Readiness {
  readonly ready: boolean;
  /** `draining` after the signal to stop, before that `serving`. */
  readonly service: 'serving' | 'draining';
  /** Each dependency with its state. */
  readonly dependencies: {
    /**
     * `busy` counts as ready: a saturated task that still gets answers must stay in service for the waiting visitors.
     */
    readonly database: 'reached' | 'busy' | 'unreachable';
    readonly ticket: TicketStatus['state'];
  };
}

export interface ReadinessOptions {
  readonly database: Pick<MusicDatabase, 'ping' | 'secondsSinceAnswer'>;
  readonly ticket: () => Promise<TicketStatus>;
  readonly lifecycle: { readonly draining: boolean };
  /** How long the database may take to answer, in seconds. */
  readonly timeoutSeconds: number;
  /** Receives the reason why the database was not reached. */
  readonly onUnreachable: (error: unknown) => void;
}

/**
 * Creates the check for `/readyz`. Concurrent calls share one check, so that probes do not crowd the pool. The check
 * does not reject unless `ticket` does, and waits at most `timeoutSeconds` for the database.
 */
export function createReadiness(options: ReadinessOptions): () => Promise<Readiness> {
  let underWay: Promise<Readiness> | undefined;

  async function check(): Promise<Readiness> {
    const [database, ticket] = await Promise.all([databaseState(options), options.ticket()]);
    const serving = !options.lifecycle.draining;
    return {
      ready: serving && database !== 'unreachable' && ticket.state === 'good',
      service: serving ? 'serving' : 'draining',
      dependencies: { database, ticket: ticket.state },
    };
  }

  return () => {
    underWay ??= check().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}

/**
 * Creates the check for `/healthz`, with which the load balancer selects tasks and ECS keeps them. A task becomes
 * healthy once it is ready. After that only its own ticket counts: if the database is away, it is away for all tasks,
 * and a replacement would not reach it either.
 *
 * @returns whether this task should get requests, and not be replaced
 */
export function createHealth(readiness: () => Promise<Readiness>): () => Promise<boolean> {
  let wasReady = false;
  return async () => {
    const { ready, service, dependencies } = await readiness();
    wasReady ||= ready;
    return ready || (wasReady && service === 'serving' && dependencies.ticket === 'good');
  };
}

async function databaseState({
  database,
  timeoutSeconds,
  onUnreachable,
}: ReadinessOptions): Promise<Readiness['dependencies']['database']> {
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(
    () =>
      limit.reject(new DatabaseError('timeout', `The database did not answer within ${timeoutSeconds} s.`)),
    timeoutSeconds * 1000,
  );
  try {
    await Promise.race([database.ping(), limit.promise]);
    return 'reached';
  } catch (error) {
    const crowded = error instanceof DatabaseError && (error.kind === 'busy' || error.kind === 'timeout');
    if (crowded && database.secondsSinceAnswer() < timeoutSeconds) return 'busy';
    onUnreachable(error);
    return 'unreachable';
  } finally {
    clearTimeout(timer);
  }
}
