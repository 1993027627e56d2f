import type { ConnectionConfig } from '../connection.ts';
import { assertKnown, assertObject } from '../known-settings.ts';
import { shown } from '../parameters/data-type.ts';

export interface PoolConfig {
  /** The configuration of each connection. */
  readonly connection: ConnectionConfig;
  /** Connections to keep open when idle. Default 0. */
  readonly min?: number;
  /** Maximum number of connections. Default 10. */
  readonly max?: number;
  /** How many callers may wait for a connection; any more get `POOL_QUEUE_FULL`. Default: unlimited. */
  readonly maxWaiting?: number;
  /** How long a caller waits for a connection, including a login and its retry with the next ticket. Default 15000. */
  readonly acquireTimeoutMilliseconds?: number;
  /** Connections unused for this long are closed, down to `min`. Default 30000. */
  readonly idleTimeoutMilliseconds?: number;
  /** Connections older than this are not reused. Default 3600000 (1 h). */
  readonly maxAgeMilliseconds?: number;
  /** A connection unused for this long is tested with `SELECT 1` before it is reused. Default 10000. */
  readonly validateAfterMilliseconds?: number;
  /**
   * How long that test may take. If it fails, the connection is closed, as are all idle connections last used before the
   * test began. Default 2000.
   */
  readonly validateTimeoutMilliseconds?: number;
  /**
   * Resets the session to its initial state before another caller gets it, normally along with the next request and so
   * without an extra round trip ([MS-TDS] 2.2.3.1.2, RESETCONNECTION). Default true.
   */
  readonly resetAfterUse?: boolean;
  /** Whether a login that fails for lack of a valid ticket is retried once with the next ticket. Default true. */
  readonly waitForNextTicket?: boolean;
}

export type PoolSettings = Required<PoolConfig>;

const defaults = {
  min: 0,
  max: 10,
  maxWaiting: Number.POSITIVE_INFINITY,
  acquireTimeoutMilliseconds: 15_000,
  idleTimeoutMilliseconds: 30_000,
  maxAgeMilliseconds: 3_600_000,
  validateAfterMilliseconds: 10_000,
  validateTimeoutMilliseconds: 2_000,
};

const counts: ReadonlySet<string> = new Set(['min', 'max', 'maxWaiting']);

/**
 * Checks the settings and fills in the defaults.
 *
 * @throws RangeError that names the setting, its value and what is allowed
 * @throws TypeError for an unknown setting, or a flag that is not a boolean
 */
export function poolSettings(config: PoolConfig): PoolSettings {
  const flags = ['resetAfterUse', 'waitForNextTicket'] as const;
  assertObject('The configuration of a pool', config);
  assertKnown('The pool', config, ['connection', ...Object.keys(defaults), ...flags]);
  for (const flag of flags) {
    const value = config[flag];
    if (value === undefined || typeof value === 'boolean') continue;
    throw new TypeError(`The pool's "${flag}" must be true or false, not ${shown(value)}.`);
  }
  const settings = { resetAfterUse: true, waitForNextTicket: true, ...defaults, ...withoutUndefined(config) };
  for (const key of Object.keys(defaults) as (keyof typeof defaults)[]) {
    const least = key === 'min' || key === 'maxWaiting' || key === 'validateAfterMilliseconds' ? 0 : 1;
    const value = settings[key];
    const infinite = value === Number.POSITIVE_INFINITY && key !== 'min' && key !== 'max';
    if (infinite || (Number.isSafeInteger(value) && value >= least)) continue;
    const kind = counts.has(key) ? 'a whole number' : 'a whole number of milliseconds';
    const unlimited = key === 'min' || key === 'max' ? '' : ', or Infinity for no limit';
    throw new RangeError(
      `The pool's "${key}" must be ${kind} of at least ${least}${unlimited}, not ${shown(value)}.`,
    );
  }
  if (settings.min > settings.max) {
    throw new RangeError(`The pool's "min" (${settings.min}) must not be above its "max" (${settings.max}).`);
  }
  return settings;
}

function withoutUndefined(config: PoolConfig): PoolConfig {
  return Object.fromEntries(
    Object.entries(config).filter(([, value]) => value !== undefined),
  ) as unknown as PoolConfig;
}

/** 0 closes everything immediately, `Infinity` waits without a limit. @throws RangeError for an invalid time limit */
export function checkedDrainLimit(timeoutMilliseconds: number): number {
  if (typeof timeoutMilliseconds === 'number' && timeoutMilliseconds >= 0) return timeoutMilliseconds;
  throw new RangeError(
    `"timeoutMilliseconds" must be a number of milliseconds of at least 0, or Infinity for no limit, not ${shown(timeoutMilliseconds)}.`,
  );
}
