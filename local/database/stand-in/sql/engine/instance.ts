import type { DatabaseSync } from 'node:sqlite';
import { type Login, Logins } from '../../security/logins.ts';
import { sqlError } from '../../sql-error.ts';
import {
  collationName,
  DatabaseFiles,
  initializeDatabase,
  initializeMaster,
  now,
} from '../catalogue/database-files.ts';
import type { Session } from './session.ts';

export interface InstanceOptions {
  /** The value of `@@SERVERNAME`. */
  readonly name: string;
  /** The domain's NetBIOS name, the prefix of Windows logins. */
  readonly netbiosName: string;
  /** Folder of the SQLite files. */
  readonly directory: string;
  readonly administrator: { readonly username: string; readonly password: string };
}

export interface DatabaseRow {
  readonly id: number;
  readonly name: string;
  readonly ownerSid: Uint8Array;
}

/** One instance: its logins, databases and sessions. */
export class Instance {
  readonly options: InstanceOptions;
  readonly files: DatabaseFiles;
  readonly master: DatabaseSync;
  readonly logins: Logins;
  readonly sessions = new Map<number, Session>();
  #lastSpid = 50;

  constructor(options: InstanceOptions) {
    this.options = options;
    this.files = new DatabaseFiles(options.directory);
    this.master = this.files.open(1);
    const fresh =
      this.master.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'sys.databases'`).get() === undefined;
    if (fresh) initializeMaster(this.master);
    this.logins = new Logins(this.master, options.administrator);
  }

  nextSpid(): number {
    this.#lastSpid = this.#lastSpid >= 32_766 ? 51 : this.#lastSpid + 1;
    return this.sessions.has(this.#lastSpid) ? this.nextSpid() : this.#lastSpid;
  }

  database(name: string): DatabaseRow | undefined {
    const row = this.master.prepare('SELECT * FROM "sys.databases" WHERE name = ?').get(name);
    if (!row) return undefined;
    return {
      id: Number(row.database_id),
      name: String(row.name),
      ownerSid: row.owner_sid as Uint8Array,
    };
  }

  createDatabase(name: string, owner: Login): void {
    if (this.database(name)) throw sqlError(1801, name);
    // On a real server, 2 to 4 are tempdb, model and msdb.
    const { next } = this.master
      .prepare('SELECT max(4, max(database_id)) + 1 AS next FROM "sys.databases"')
      .get() as { next: number };
    this.files.remove(next);
    const database = this.files.open(next);
    initializeDatabase(database, owner.sid);
    database.close();
    this.master
      .prepare(`INSERT INTO "sys.databases" VALUES (?, ?, ?, ?, 'ONLINE', ?)`)
      .run(name, next, owner.sid, now(), collationName);
  }

  dropDatabase({ id, name }: DatabaseRow): void {
    if ([...this.sessions.values()].some(({ database }) => database.id === id)) throw sqlError(3702, name);
    this.master.prepare('DELETE FROM "sys.databases" WHERE database_id = ?').run(id);
    this.files.remove(id);
  }

  /** Ends all sessions and their transactions. */
  endSessions(): void {
    for (const session of this.sessions.values()) session.close();
  }

  close(): void {
    this.endSessions();
    this.master.close();
  }
}
