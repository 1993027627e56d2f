import type { Album, MusicDatabase } from '../src/music/music-database.ts';

/** Albums for pages that people look at, with a short, a long, and an accented title. */
const someAlbums: readonly Album[] = [
  { id: 1, title: 'Kind of Blue', artist: 'Miles Davis' },
  { id: 2, title: 'The Rise and Fall of Ziggy Stardust and the Spiders from Mars', artist: 'David Bowie' },
  { id: 3, title: 'Ágætis byrjun', artist: 'Sigur Rós' },
  { id: 4, title: '21', artist: 'Adele' },
  { id: 5, title: 'Cello Concerto in B minor', artist: 'Antonín Dvořák & Mstislav Rostropovich' },
];

/** Replaces the database where a test must choose its answers, mostly errors. */
export function scriptedMusicDatabase(script: Partial<MusicDatabase> = {}): MusicDatabase {
  return {
    randomAlbums: async (count) => someAlbums.slice(0, count),
    session: async () => ({ login: 'CORP\\db-user', scheme: 'KERBEROS' }),
    ping: async () => {},
    secondsSinceAnswer: () => 0,
    close: async () => {},
    ...script,
  };
}
