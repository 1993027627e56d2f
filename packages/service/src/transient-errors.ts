/**
 * Why a correct statement may fail now and succeed later:
 * - `away`: the server or the database is being stopped, started, recovered or moved, or the session was ended
 * - `contended`: other sessions held the lock, the memory or the row, or came first
 */
export type Transience = 'away' | 'contended';

/** Windows socket errors, which SQL Server reports when a linked server is unreachable. */
const linkedServers = [64, 10053, 10054, 10060, 11_001];

const away = [
  // The session was killed; its reset failed; SHUTDOWN; timing-dependent assertions.
  ...[596, 18_056, 6005, 6006, 17_065, 17_066, 17_067],
  // The database is not open; in recovery, restore, transition or maintenance; suspect; without its files or its log.
  ...[615, 904, 913, 921, 922, 923, 924, 926, 927, 941, 942, 945, 952, 972, 3953, 4060, 9001],
  // Mirrors, availability groups and their replicas.
  ...[954, 955, 956, 976, 978, 979, 982, 983, 988, 3947, 3948, 4221],
  // Logins that come too early, or too many logins.
  ...[17_197, 17_889, 18_401],
  // The same in Azure SQL.
  ...[40_143, 40_166, 40_197, 40_540, 40_613, 40_671, 42_108, 42_109, 49_802],
  ...linkedServers,
];

const contended = [
  // Locks and latches.
  ...[844, 845, 846, 847, 1203, 1204, 1205, 1221, 1222, 1232, 3635, 22_335],
  // Memory, and time to optimize.
  ...[701, 802, 3935, 8628, 8645, 8651, 9985, 30_085],
  // The data or schema being read was moved or changed in the meantime.
  ...[539, 601, 617, 669, 2021, 2816, 4117, 4184, 9515, 10_922, 11_539, 41_383],
  // Row versions: another transaction came first, or room had to be made.
  ...[3950, 3957, 3958, 3960, 3961, 3966, 3967, 20_041],
  // Memory-optimized tables.
  ...[41_301, 41_302, 41_305, 41_325, 41_339, 41_823, 41_839, 41_840],
  // Azure SQL is busy.
  ...[10_928, 10_929, 10_930, 10_936, 40_189, 40_501, 40_642, 40_648, 40_675, 40_903, 49_918, 49_919, 49_920],
];

const known: ReadonlyMap<number, Transience> = new Map([
  ...away.map((number) => [number, 'away'] as const),
  ...contended.map((number) => [number, 'contended'] as const),
]);

/** From this severity on, the server closes the connection after the error. */
const fatal = 20;

interface ServerError {
  readonly number?: number;
  readonly class?: number;
  readonly cause?: unknown;
}

/**
 * Classifies the error of a failed query as transient. Returns undefined for an error that will not pass on its own, because
 * the statement, a permission or the program is wrong. If the server sent several errors, one transient error is enough.
 *
 * The list holds the numbers for which Microsoft's client libraries retry a statement or a login, as far as SQL Server can
 * return them for a statement, and others that are transient according to their text (`sys.messages`). 20, 121, 203 and 233
 * are left out: the libraries retry them as errors of their own sockets, but from the server they mean other things.
 *
 * @see https://learn.microsoft.com/dotnet/api/microsoft.data.sqlclient.sqlconfigurableretryfactory
 * @see https://github.com/dotnet/efcore/blob/main/src/EFCore.SqlServer/Storage/Internal/SqlServerTransientExceptionDetector.cs
 * @see https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-events-and-errors
 * @see https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-error-severities
 */
export function transienceOf(error: unknown): Transience | undefined {
  const { cause } = error as ServerError;
  const said: readonly ServerError[] =
    cause instanceof AggregateError ? cause.errors : [error as ServerError];
  for (const { number, class: severity = 0 } of said) {
    if (number === undefined) continue;
    const transience = severity >= fatal ? 'away' : known.get(number);
    if (transience) return transience;
  }
  return undefined;
}
