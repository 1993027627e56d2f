import type { Pool } from 'tedious-kerberos';

/** How often an album was played. */
interface Plays {
  readonly album: number;
  readonly plays: number;
}

// Each row is set to the counted number. The next round therefore corrects an interrupted one, and two workers, as
// during a deployment, write the same values.
const played = 'SELECT AlbumId AS album, COUNT(*) AS plays FROM dbo.Play GROUP BY AlbumId';
const counted = 'SELECT AlbumId AS album, Plays AS plays FROM dbo.PlayCount';
const change = 'UPDATE dbo.PlayCount SET Plays = @plays, CountedAt = SYSUTCDATETIME() WHERE AlbumId = @album';
const add = 'INSERT INTO dbo.PlayCount (AlbumId, Plays, CountedAt) VALUES (@album, @plays, SYSUTCDATETIME())';
/** Violation of a primary key: another worker inserted the row first. */
const alreadyThere = 2627;

/**
 * Brings the table of play counts up to date.
 *
 * @returns how many of its rows have changed
 * @throws LoginError, PoolError, RequestError
 */
export async function countPlays(database: Pick<Pool, 'query'>): Promise<number> {
  const before = await database.query<Plays>(counted);
  const known = new Map(before.rows.map(({ album, plays }) => [album, plays]));
  const { rows } = await database.query<Plays>(played);
  const changed = rows.filter(({ album, plays }) => known.get(album) !== plays);
  for (const { album, plays } of changed) {
    if (known.has(album)) await database.query(change, { album, plays });
    else await database.query(add, { album, plays }).catch(unlessAlreadyThere);
  }
  return changed.length;
}

function unlessAlreadyThere(error: unknown): void {
  if ((error as { number?: number }).number !== alreadyThere) throw error;
}
