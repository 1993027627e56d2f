import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { databaseSchema, fixedDatabaseRoles, serverSchema } from './schema.ts';

export const collationName = 'SQL_Latin1_General_CP1_CI_AS';

/** The current time in the engine's form of a `datetime`. */
export const now = (): string => new Date().toISOString().replace('T', ' ').replace('Z', '');

/** The SQLite files of an instance, one for each database. */
export class DatabaseFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  path(databaseId: number): string {
    return join(this.#directory, databaseId === 1 ? 'master.db' : `database-${databaseId}.db`);
  }

  /** Opens a connection without the session functions, for the server's own work on a database. */
  open(databaseId: number): DatabaseSync {
    const database = new DatabaseSync(this.path(databaseId));
    // This server is for tests and rehearsals, so losing data in a power cut does not matter.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON');
    return database;
  }

  remove(databaseId: number): void {
    for (const suffix of ['', '-wal', '-shm']) rmSync(this.path(databaseId) + suffix, { force: true });
  }
}

/** Fills a new database with its catalogue, schemas, roles, and `dbo`, the owner. */
export function initializeDatabase(
  database: DatabaseSync,
  ownerSid: Uint8Array,
  { guest = false } = {},
): void {
  database.exec('BEGIN');
  database.exec(databaseSchema);
  const schema = database.prepare(
    'INSERT INTO "sys.schemas" (name, schema_id, principal_id) VALUES (?, ?, ?)',
  );
  for (const [name, id] of [
    ['dbo', 1],
    ['guest', 2],
    ['INFORMATION_SCHEMA', 3],
    ['sys', 4],
  ] as const) {
    schema.run(name, id, id);
  }
  const principal = database.prepare(
    `INSERT INTO "sys.database_principals" (name, principal_id, type, type_desc, default_schema_name, create_date, sid, is_fixed_role)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const created = now();
  principal.run('public', 0, 'R', 'DATABASE_ROLE', null, created, null, 0);
  principal.run('dbo', 1, 'S', 'SQL_USER', 'dbo', created, ownerSid, 0);
  principal.run('guest', 2, 'S', 'SQL_USER', 'guest', created, null, 0);
  principal.run('INFORMATION_SCHEMA', 3, 'S', 'SQL_USER', null, created, null, 0);
  principal.run('sys', 4, 'S', 'SQL_USER', null, created, null, 0);
  for (const [name, id] of fixedDatabaseRoles)
    principal.run(name, id, 'R', 'DATABASE_ROLE', null, created, null, 1);
  database.exec('INSERT INTO "sys.database_role_members" VALUES (16384, 1)');
  const connect = database.prepare(
    `INSERT INTO "sys.database_permissions" VALUES (0, 'DATABASE', 0, ?, 'CONNECT', 'G', 'GRANT')`,
  );
  for (const id of guest ? [1, 2] : [1]) connect.run(id);
  database.exec('COMMIT');
}

/** SID of `sa`, the owner of objects without another owner; its login is disabled, as on RDS. */
const saSid = new Uint8Array([1]);

/** Fills a new `master`. */
export function initializeMaster(master: DatabaseSync): void {
  initializeDatabase(master, saSid, { guest: true });
  master.exec(serverSchema);
  const created = now();
  master
    .prepare(`INSERT INTO "sys.databases" VALUES ('master', 1, ?, ?, 'ONLINE', ?)`)
    .run(saSid, created, collationName);
}
