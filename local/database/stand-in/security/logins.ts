import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { now } from '../sql/catalogue/database-files.ts';
import { cannot, SqlError, sqlError } from '../sql-error.ts';

/** A server principal that can log in. */
export interface Login {
  readonly name: string;
  readonly principalId: number;
  readonly sid: Uint8Array;
  readonly windows: boolean;
  readonly defaultDatabase: string;
  /** Whether it is like an RDS master user: it may create logins and databases, but is not a `sysadmin`. */
  readonly administrator: boolean;
}

export interface NewLogin {
  readonly windows: boolean;
  readonly password?: string | undefined;
  readonly defaultDatabase?: string | undefined;
}

/** Why a login was refused. The reason goes to the error log and not to the client, as in SQL Server. */
export class LoginRefused extends SqlError {
  readonly reason: string;

  constructor(user: string, reason: string) {
    super(18456, sqlError(18456, user).message, 14);
    this.reason = reason;
  }
}

/** The logins kept in `master`. */
export class Logins {
  readonly #master: DatabaseSync;
  readonly #administrator: string;

  /** Creates the administrator's login, or sets the password of an existing one. */
  constructor(master: DatabaseSync, { username, password }: { username: string; password: string }) {
    this.#master = master;
    this.#administrator = username;
    const known = this.find(username);
    if (known) this.#setPassword(known.principalId, password);
    else this.create(username, { password, windows: false });
  }

  find(name: string): Login | undefined {
    const row = this.#master
      .prepare(`SELECT * FROM "sys.server_principals" WHERE name = ? AND type IN ('S', 'U')`)
      .get(name);
    if (!row) return undefined;
    return {
      name: String(row.name),
      principalId: Number(row.principal_id),
      sid: row.sid as Uint8Array,
      windows: row.type === 'U',
      defaultDatabase: String(row.default_database_name),
      administrator: row.name === this.#administrator,
    };
  }

  authenticate(name: string, password: string): Login {
    const login = this.find(name);
    const row =
      login &&
      this.#master.prepare('SELECT * FROM "$passwords" WHERE principal_id = ?').get(login.principalId);
    if (!login || !row) throw new LoginRefused(name, 'There is no SQL login of that name.');
    const hash = hashPassword(password, row.salt as Uint8Array);
    if (timingSafeEqual(hash, row.hash as Uint8Array)) return login;
    throw new LoginRefused(name, 'Password did not match that for the login provided.');
  }

  /** Admits a Windows account that GSSAPI has authenticated, if it has a login. */
  admitWindows(account: string): Login {
    const login = this.find(account);
    if (login?.windows) return login;
    throw new LoginRefused(account, 'Could not find a login matching the name provided.');
  }

  /** @returns a function that undoes it */
  create(name: string, { windows, password, defaultDatabase = 'master' }: NewLogin): () => void {
    if (this.find(name)) throw sqlError(15025, name);
    const row = this.#master
      .prepare('SELECT max(256, max(principal_id)) + 1 AS next FROM "sys.server_principals"')
      .get();
    const id = Number(row?.next);
    const [type, description] = windows ? ['U', 'WINDOWS_LOGIN'] : ['S', 'SQL_LOGIN'];
    this.#master
      .prepare('INSERT INTO "sys.server_principals" VALUES (?, ?, ?, ?, ?, 0, ?, ?)')
      .run(name, id, windows ? windowsSid(name) : randomBytes(16), type, description, now(), defaultDatabase);
    if (password !== undefined) this.#setPassword(id, password);
    return () => this.#remove(id);
  }

  /** @returns a function that undoes it */
  drop(name: string): () => void {
    const login = this.find(name);
    if (!login) throw cannot(`drop the login '${name}'`);
    const removed = this.#remove(login.principalId);
    return () => {
      for (const [table, row] of removed) {
        const places = Object.keys(row).fill('?').join(', ');
        this.#master
          .prepare(`INSERT OR REPLACE INTO "${table}" VALUES (${places})`)
          .run(...Object.values(row));
      }
    };
  }

  /** @returns the removed rows */
  #remove(principalId: number): (readonly [table: string, row: Record<string, SQLOutputValue>])[] {
    return ['$passwords', 'sys.server_principals'].flatMap((table) => {
      const row = this.#master.prepare(`SELECT * FROM "${table}" WHERE principal_id = ?`).get(principalId);
      this.#master.prepare(`DELETE FROM "${table}" WHERE principal_id = ?`).run(principalId);
      return row ? [[table, row] as const] : [];
    });
  }

  #setPassword(principalId: number, password: string): void {
    const salt = randomBytes(16);
    this.#master
      .prepare('INSERT OR REPLACE INTO "$passwords" VALUES (?, ?, ?)')
      .run(principalId, salt, hashPassword(password, salt));
  }
}

// One salted round, as in SQL Server 2012 to 2022. The passwords are needed only during a rehearsal.
const hashPassword = (password: string, salt: Uint8Array) =>
  createHash('sha512').update(Buffer.from(password, 'utf16le')).update(salt).digest();

/** A made-up SID, always the same for the same name, in the binary form of a domain SID. */
function windowsSid(name: string): Uint8Array {
  const digest = createHash('sha256').update(name.toLowerCase()).digest();
  return Buffer.concat([Buffer.from([1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0]), digest.subarray(0, 16)]);
}
