import { connectionTo, isOwnFault, transienceOf } from '@packages/service';
import { createPool, LoginError, PoolError, query as queryOn, type RequestError } from 'tedious-kerberos';
import type { Configuration } from '../configuration.ts';
import { type Album, DatabaseError, type DatabaseErrorKind, type MusicDatabase } from './music-database.ts';

const randomAlbums = `
  SELECT TOP (@count) Album.AlbumId AS id, Album.Title AS title, Artist.Name AS artist
  FROM dbo.Album AS Album
  INNER JOIN dbo.Artist AS Artist ON Artist.ArtistId = Album.ArtistId
  ORDER BY NEWID()`;

// CONNECTIONPROPERTY describes the current connection and needs no permission, unlike sys.dm_exec_connections:
// https://learn.microsoft.com/sql/t-sql/functions/connectionproperty-transact-sql
const session = `
  SELECT SUSER_SNAME() AS login, CAST(CONNECTIONPROPERTY('auth_scheme') AS nvarchar(40)) AS scheme`;

/**
 * The music database, over a pool of connections that log in with the process's Kerberos ticket.
 *
 * @param configuration names, pool sizes and time limits
 * @param authorities PEM certificates of the authorities trusted to issue the database's certificate
 * @throws RangeError or TypeError for settings that the pool does not accept
 */
export function createSqlMusicDatabase(configuration: Configuration, authorities: string): MusicDatabase {
  const pool = createPool({
    connection: connectionTo(configuration, authorities, 'music-store'),
    min: configuration.POOL_MIN,
    max: configuration.POOL_MAX,
    maxWaiting: configuration.POOL_QUEUE_MAX,
    acquireTimeoutMilliseconds: milliseconds(configuration.ACQUIRE_TIMEOUT_SECONDS),
    idleTimeoutMilliseconds: milliseconds(configuration.POOL_IDLE_SECONDS),
    maxAgeMilliseconds: milliseconds(configuration.POOL_MAX_AGE_SECONDS),
    // Connections unused for this long are validated. After a silent failover, the first visitor waits at most for the
    // validation's timeout and a login. Under load no connection is unused for so long.
    validateAfterMilliseconds: 250,
    validateTimeoutMilliseconds: 1500,
  });
  let answeredAt = Number.NEGATIVE_INFINITY;

  async function query<Row>(
    sql: string,
    parameters: Readonly<Record<string, number>> = {},
    signal?: AbortSignal,
  ): Promise<Row[]> {
    try {
      // The signal ends only the wait for a connection: cancelling a running query would cost more than it saves.
      const { rows } = await pool.withConnection((connection) => queryOn<Row>(connection, sql, parameters), {
        signal,
      });
      answeredAt = performance.now();
      return rows;
    } catch (error) {
      throw databaseError(error);
    }
  }

  return {
    randomAlbums: (count, signal) => query<Album>(randomAlbums, { count }, signal),
    async session(signal) {
      const [row] = await query<{ login: string; scheme: string }>(session, {}, signal);
      if (!row) throw new DatabaseError('failed', 'The database did not say who we are.');
      return row;
    },
    async ping() {
      await query('SELECT 1 AS answer');
    },
    secondsSinceAnswer: () => (performance.now() - answeredAt) / 1000,
    close: (limitSeconds) => pool.drain({ timeoutMilliseconds: milliseconds(limitSeconds) }),
  };
}

/** Driver errors that are temporary for a visitor; test/database-faults.test.ts provokes each of them. */
const queryErrors: Readonly<Record<string, DatabaseErrorKind>> = {
  ETIMEOUT: 'timeout',
  ECLOSE: 'unavailable',
  ECANCEL: 'unavailable',
  CONNECTION_LOST: 'unavailable',
};

const hints: Readonly<Record<string, string>> = {
  CONNECTION_LOST:
    'SQL Server restarted or failed over, or the network cut the connection; the pool makes another.',
  ETIMEOUT: 'SQL Server is slow or hangs: see its load and locks, or raise QUERY_TIMEOUT_SECONDS.',
};

/** Classifies errors of the pool, the login and the query by what they mean for a visitor. */
export function databaseError(error: unknown): DatabaseError {
  if (error instanceof LoginError) return wrap(isOwnFault(error) ? 'failed' : 'unavailable', error);
  if (error instanceof PoolError) {
    const busy = error.code === 'POOL_QUEUE_FULL' || error.code === 'POOL_TIMEOUT';
    return wrap(busy ? 'busy' : 'unavailable', error);
  }
  if (!(error instanceof Error)) return new DatabaseError('failed', String(error));
  const { message, code, number } = error as RequestError;
  const kind = queryErrors[code ?? ''] ?? (transienceOf(error) ? 'unavailable' : 'failed');
  return new DatabaseError(kind, number ? `${message} (SQL Server error ${number})` : message, {
    cause: error,
    code,
    hint: hints[code ?? ''],
  });
}

function wrap(kind: DatabaseErrorKind, error: LoginError | PoolError): DatabaseError {
  return new DatabaseError(kind, error.message, { cause: error, code: error.code, hint: error.hint });
}

function milliseconds(seconds: number): number {
  return Math.round(seconds * 1000);
}
