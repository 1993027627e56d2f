export { type AppOptions, createApp } from './app.ts';
export { type Configuration, readConfiguration } from './configuration.ts';
export type { Lifecycle } from './lifecycle.ts';
export {
  type Album,
  DatabaseError,
  type DatabaseErrorKind,
  type DatabaseSession,
  type MusicDatabase,
} from './music/music-database.ts';
export { createSqlMusicDatabase } from './music/sql-music-database.ts';
export { type RunningServer, startServer } from './server.ts';
