import { createHash, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { now } from '../sql/catalogue/database-files.ts';
import { SqlError } from '../sql-error.ts';

/** A server principal that can log in. */
export interface Login {
  readonly name: string;
  readonly principalId: number;
  readonly sid: Uint8Array;
  readonly windows: boolean;
  readonly disabled: boolean;
  readonly defaultDatabase: string;
}

interface LoginRow {
  readonly name: string;
  readonly principal_id: number;
  readonly sid: Uint8Array;
  readonly type: string;
  readonly is_disabled: number;
  readonly default_database_name: string | null;
}

/**
 * Why a login was refused. The client is told state 1 whatever the reason, so that it learns nothing; the
 * true state goes to the error log, as in SQL Server.
 */
export class LoginRefused extends SqlError {
  readonly reason: string;
  readonly trueState: number;

  constructor(user: string, trueState: number, reason: string) {
    super({ number: 18456, severity: 14, message: `Login failed for user '${user}'.` });
    this.reason = reason;
    this.trueState = trueState;
  }
}

/** The logins, server roles and server permissions kept in `master`. */
export class Logins {
  readonly #master: DatabaseSync;

  constructor(master: DatabaseSync) {
    this.#master = master;
  }

  find(name: string): Login | undefined {
    const row = this.#master
      .prepare(`SELECT * FROM "sys.server_principals" WHERE name = ? AND type IN ('S', 'U')`)
      .get(name) as unknown as LoginRow | undefined;
    if (!row) return undefined;
    return {
      name: row.name,
      principalId: row.principal_id,
      sid: row.sid,
      windows: row.type === 'U',
      disabled: row.is_disabled !== 0,
      defaultDatabase: row.default_database_name ?? 'master',
    };
  }

  /** Checks a password; {@link LoginRefused} with states 5, 6, 7 and 8 as SQL Server's error log has them. */
  authenticate(name: string, password: string): Login {
    const login = this.find(name);
    if (!login) throw new LoginRefused(name, 5, 'Could not find a login matching the name provided.');
    if (login.windows)
      throw new LoginRefused(name, 6, 'Attempting to use an NT account name with SQL Server Authentication.');
    const stored = this.#master
      .prepare('SELECT salt, hash FROM "$passwords" WHERE principal_id = ?')
      .get(login.principalId) as { salt: Uint8Array; hash: Uint8Array } | undefined;
    if (!stored || !timingSafeEqual(hashPassword(password, stored.salt), stored.hash)) {
      throw new LoginRefused(name, 8, 'Password did not match that for the login provided.');
    }
    if (login.disabled) throw new LoginRefused(name, 7, 'The login is disabled.');
    return login;
  }

  /** Lets a Windows account in whose identity GSSAPI has proved; it must have a login of its own. */
  admitWindows(account: string): Login {
    const login = this.find(account);
    if (!login?.windows)
      throw new LoginRefused(account, 5, 'Could not find a login matching the name provided.');
    if (login.disabled) throw new LoginRefused(account, 7, 'The login is disabled.');
    return login;
  }

  create(name: string, options: { password?: string; windows: boolean; defaultDatabase?: string }): void {
    if (this.#exists(name)) {
      throw new SqlError({ number: 15025, message: `The server principal '${name}' already exists.` });
    }
    const { next } = this.#master
      .prepare('SELECT max(256, max(principal_id)) + 1 AS next FROM "sys.server_principals"')
      .get() as { next: number };
    const sid = options.windows ? windowsSid(name) : randomBytes(16);
    this.#master
      .prepare('INSERT INTO "sys.server_principals" VALUES (?, ?, ?, ?, ?, 0, ?, ?, 0)')
      .run(
        name,
        next,
        sid,
        options.windows ? 'U' : 'S',
        options.windows ? 'WINDOWS_LOGIN' : 'SQL_LOGIN',
        now(),
        options.defaultDatabase ?? 'master',
      );
    if (options.password !== undefined) this.#setPassword(next, options.password);
    this.permission('GRANT', 'CONNECT SQL', name);
  }

  alter(name: string, changes: { password?: string; defaultDatabase?: string; enabled?: boolean }): void {
    const login = this.#require(name, 'alter');
    if (changes.password !== undefined) this.#setPassword(login.principalId, changes.password);
    if (changes.defaultDatabase !== undefined) {
      this.#master
        .prepare('UPDATE "sys.server_principals" SET default_database_name = ? WHERE principal_id = ?')
        .run(changes.defaultDatabase, login.principalId);
    }
    if (changes.enabled !== undefined) {
      this.#master
        .prepare('UPDATE "sys.server_principals" SET is_disabled = ? WHERE principal_id = ?')
        .run(changes.enabled ? 0 : 1, login.principalId);
    }
  }

  drop(name: string): void {
    const { principalId } = this.#require(name, 'drop');
    this.#master.prepare('DELETE FROM "$passwords" WHERE principal_id = ?').run(principalId);
    this.#master
      .prepare('DELETE FROM "sys.server_role_members" WHERE member_principal_id = ?')
      .run(principalId);
    this.#master
      .prepare('DELETE FROM "sys.server_permissions" WHERE grantee_principal_id = ?')
      .run(principalId);
    this.#master.prepare('DELETE FROM "sys.server_principals" WHERE principal_id = ?').run(principalId);
  }

  setRoleMember(role: string, member: string, add: boolean): void {
    const roleId = this.#id(role, 'R');
    if (roleId === undefined) throw missing(`alter the server role '${role}'`);
    const memberId = this.#id(member);
    if (memberId === undefined) throw missing(`add the principal '${member}'`);
    const statement = add
      ? 'INSERT OR IGNORE INTO "sys.server_role_members" VALUES (?, ?)'
      : 'DELETE FROM "sys.server_role_members" WHERE role_principal_id = ? AND member_principal_id = ?';
    this.#master.prepare(statement).run(roleId, memberId);
  }

  /** Whether a login is in a server role; undefined if there is no such role. */
  isRoleMember(role: string, login: Login): boolean | undefined {
    const roleId = this.#id(role, 'R');
    if (roleId === undefined) return undefined;
    return (
      role.toLowerCase() === 'public' ||
      this.#holds('sys.server_role_members', 'role_principal_id', roleId, login)
    );
  }

  /** Whether a login has a permission on the server, by grant or by being in `sysadmin`. */
  hasPermission(permission: string, login: Login): boolean {
    if (this.isRoleMember('sysadmin', login)) return true;
    const byRole: Readonly<Record<string, string>> = {
      'ALTER ANY LOGIN': 'securityadmin',
      'CREATE ANY DATABASE': 'dbcreator',
      'ALTER ANY CONNECTION': 'processadmin',
    };
    const role = byRole[permission];
    if (role && this.isRoleMember(role, login)) return true;
    return (
      this.#master
        .prepare(
          `SELECT 1 FROM "sys.server_permissions" WHERE permission_name = ? AND grantee_principal_id IN (?, 2) AND state = 'G'`,
        )
        .get(permission, login.principalId) !== undefined
    );
  }

  permission(action: 'GRANT' | 'DENY' | 'REVOKE', permission: string, grantee: string): void {
    const id = this.#id(grantee);
    if (id === undefined) throw missing(`find the login '${grantee}'`);
    this.#master
      .prepare('DELETE FROM "sys.server_permissions" WHERE grantee_principal_id = ? AND permission_name = ?')
      .run(id, permission);
    if (action === 'REVOKE') return;
    this.#master
      .prepare(`INSERT INTO "sys.server_permissions" VALUES (100, 'SERVER', ?, ?, ?, ?)`)
      .run(id, permission, action.charAt(0), action);
  }

  #holds(table: string, column: string, id: number, login: Login): boolean {
    return (
      this.#master
        .prepare(`SELECT 1 FROM "${table}" WHERE ${column} = ? AND member_principal_id = ?`)
        .get(id, login.principalId) !== undefined
    );
  }

  #require(name: string, verb: string): Login {
    const login = this.find(name);
    if (!login) throw missing(`${verb} the login '${name}'`);
    return login;
  }

  #exists(name: string): boolean {
    return this.#id(name) !== undefined;
  }

  #id(name: string, type?: string): number | undefined {
    const row = this.#master
      .prepare('SELECT principal_id FROM "sys.server_principals" WHERE name = ? AND (? IS NULL OR type = ?)')
      .get(name, type ?? null, type ?? null) as { principal_id: number } | undefined;
    return row?.principal_id;
  }

  #setPassword(principalId: number, password: string): void {
    const salt = randomBytes(16);
    this.#master
      .prepare('INSERT OR REPLACE INTO "$passwords" VALUES (?, ?, ?)')
      .run(principalId, salt, hashPassword(password, salt));
  }
}

// Cheap on purpose: the passwords live as long as a rehearsal.
const hashPassword = (password: string, salt: Uint8Array) => scryptSync(password, salt, 32, { N: 1024 });

function missing(what: string): SqlError {
  const message = `Cannot ${what}, because it does not exist or you do not have permission.`;
  return new SqlError({ number: 15151, message });
}

/** A stand-in for the account's SID: the same for the same name, in the binary form of a domain SID. */
export function windowsSid(name: string): Uint8Array {
  const digest = createHash('sha256').update(name.toLowerCase()).digest();
  return Buffer.concat([Buffer.from([1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0]), digest.subarray(0, 16)]);
}
