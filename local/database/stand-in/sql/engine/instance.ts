import type { DatabaseSync } from 'node:sqlite';
import { type Login, Logins } from '../../security/logins.ts';
import { SqlError } from '../../sql-error.ts';
import {
  collationName,
  DatabaseFiles,
  initializeDatabase,
  initializeMaster,
  now,
} from '../catalogue/database-files.ts';
import { ApplicationLocks } from './application-locks.ts';
import type { Session } from './session.ts';

/** SQL Server 2022 as RDS runs it: major, minor, build. */
export const productVersion = [16, 0, 4236] as const;

export interface InstanceOptions {
  /** What `@@SERVERNAME` says. */
  readonly name: string;
  /** The domain's NetBIOS name, which Windows logins begin with. */
  readonly netbiosName: string;
  /** Folder of the SQLite files. */
  readonly directory: string;
  readonly administrator: { readonly username: string; readonly password: string };
}

export interface DatabaseRow {
  readonly id: number;
  readonly name: string;
  readonly ownerSid: Uint8Array;
  readonly singleUser: boolean;
  readonly online: boolean;
}

/** What an RDS master user holds on the server; it is no `sysadmin`. */
const administratorPermissions = [
  'ALTER ANY CONNECTION',
  'ALTER ANY LOGIN',
  'CREATE ANY DATABASE',
  'VIEW ANY DATABASE',
  'VIEW ANY DEFINITION',
  'VIEW SERVER STATE',
];

/** One instance: its logins, databases and sessions. */
export class Instance {
  readonly options: InstanceOptions;
  readonly files: DatabaseFiles;
  readonly master: DatabaseSync;
  readonly logins: Logins;
  readonly sessions = new Map<number, Session>();
  readonly applicationLocks = new ApplicationLocks();
  #lastSpid = 50;

  constructor(options: InstanceOptions) {
    this.options = options;
    this.files = new DatabaseFiles(options.directory);
    this.master = this.files.open(1);
    const fresh =
      this.master.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'sys.databases'`).get() === undefined;
    if (fresh) initializeMaster(this.master);
    this.logins = new Logins(this.master);
    this.#ensureAdministrator();
  }

  #ensureAdministrator(): void {
    const { username, password } = this.options.administrator;
    if (this.logins.find(username)) {
      this.logins.alter(username, { password });
      return;
    }
    this.logins.create(username, { password, windows: false });
    this.logins.setRoleMember('processadmin', username, true);
    this.logins.setRoleMember('setupadmin', username, true);
    for (const permission of administratorPermissions) this.logins.permission('GRANT', permission, username);
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
      singleUser: row.user_access === 1,
      online: row.state === 0,
    };
  }

  createDatabase(name: string, owner: Login): void {
    if (this.database(name)) {
      throw new SqlError({
        number: 1801,
        state: 3,
        message: `Database '${name}' already exists. Choose a different database name.`,
      });
    }
    // 2 to 4 are tempdb, model and msdb on a real server.
    const { next } = this.master
      .prepare('SELECT max(4, max(database_id)) + 1 AS next FROM "sys.databases"')
      .get() as {
      next: number;
    };
    this.files.remove(next);
    const database = this.files.open(next);
    initializeDatabase(database, owner.sid);
    database.close();
    this.master
      .prepare(`INSERT INTO "sys.databases" VALUES (?, ?, ?, ?, 0, 'MULTI_USER', 0, 'ONLINE', ?)`)
      .run(name, next, owner.sid, now(), collationName);
  }

  dropDatabase({ id, name }: DatabaseRow): void {
    const used = (session: Session) => session.database.id === id || session.attached.has(id);
    if ([...this.sessions.values()].some(used)) {
      const message = `Cannot drop database "${name}" because it is currently in use.`;
      throw new SqlError({ number: 3702, state: 4, message });
    }
    this.master.prepare('DELETE FROM "sys.databases" WHERE database_id = ?').run(id);
    this.files.remove(id);
  }

  setDatabaseOption({ id }: DatabaseRow, option: string): void {
    const set = (columns: string) =>
      this.master.prepare(`UPDATE "sys.databases" SET ${columns} WHERE database_id = ?`).run(id);
    if (option === 'SINGLE_USER') set(`user_access = 1, user_access_desc = 'SINGLE_USER'`);
    else if (option === 'MULTI_USER') set(`user_access = 0, user_access_desc = 'MULTI_USER'`);
    else if (option === 'OFFLINE') set(`state = 6, state_desc = 'OFFLINE'`);
    else if (option === 'ONLINE') set(`state = 0, state_desc = 'ONLINE'`);
  }

  endSessions(): void {
    for (const session of this.sessions.values()) session.close();
  }

  close(): void {
    for (const session of this.sessions.values()) session.kill();
    this.master.close();
  }
}
