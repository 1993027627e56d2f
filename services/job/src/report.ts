import type { Pool } from 'tedious-kerberos';

/** One line of the report. */
export interface ReportLine {
  readonly title: string;
  readonly artist: string;
  readonly plays: number;
}

const mostPlayed = `
  SELECT TOP (@count) Album.Title AS title, Artist.Name AS artist, PlayCount.Plays AS plays
  FROM dbo.PlayCount AS PlayCount
  INNER JOIN dbo.Album AS Album ON Album.AlbumId = PlayCount.AlbumId
  INNER JOIN dbo.Artist AS Artist ON Artist.ArtistId = Album.ArtistId
  ORDER BY PlayCount.Plays DESC, Album.Title`;

/**
 * The most-played albums, in descending order of plays.
 *
 * @throws LoginError, PoolError, RequestError
 */
export async function mostPlayedAlbums(
  database: Pick<Pool, 'query'>,
  count: number,
): Promise<readonly ReportLine[]> {
  return (await database.query<ReportLine>(mostPlayed, { count })).rows;
}
