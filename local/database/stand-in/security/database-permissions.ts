import type { DatabaseSync } from 'node:sqlite';

/** What a permission is asked on: an object with its schema, a schema, or the database itself. */
export interface Target {
  readonly objectId?: number;
  readonly schemaId?: number;
}

/** What the fixed roles may do, on everything in the database. */
const fixedRoles: Readonly<Record<string, RegExp>> = {
  db_datareader: /^SELECT$/,
  db_datawriter: /^(INSERT|UPDATE|DELETE)$/,
  db_ddladmin: /^(CREATE|ALTER|REFERENCES)( (?!ANY (USER|ROLE)).*)?$|^ALTER ANY SCHEMA$/,
  db_accessadmin: /^ALTER ANY USER$/,
  db_securityadmin: /^(ALTER ANY ROLE|CREATE ROLE)$/,
};

const denyingRoles: Readonly<Record<string, RegExp>> = {
  db_denydatareader: /^SELECT$/,
  db_denydatawriter: /^(INSERT|UPDATE|DELETE)$/,
};

interface PermissionRow {
  readonly class: number;
  readonly major_id: number;
  readonly permission_name: string;
  readonly state: string;
}

/** The permissions of one user of one database, read anew at every question. */
export class DatabasePermissions {
  readonly #database: DatabaseSync;
  readonly #principalId: number;
  /** Set for a member of `sysadmin`, who is `dbo` everywhere. */
  readonly #sysadmin: boolean;

  constructor(database: DatabaseSync, principalId: number, sysadmin: boolean) {
    this.#database = database;
    this.#principalId = principalId;
    this.#sysadmin = sysadmin;
  }

  get isOwner(): boolean {
    return this.#sysadmin || this.#principalId === 1;
  }

  /** The principal, the roles it is in, directly or through others, and `public`. */
  #principals(): { name: string; principal_id: number }[] {
    return this.#database
      .prepare(
        `WITH RECURSIVE held(id) AS (
           SELECT ? UNION SELECT 0
           UNION SELECT role_principal_id FROM "sys.database_role_members" JOIN held ON member_principal_id = id
         )
         SELECT lower(name) AS name, principal_id FROM "sys.database_principals" WHERE principal_id IN (SELECT id FROM held)`,
      )
      .all(this.#principalId) as { name: string; principal_id: number }[];
  }

  /** Whether the user is in a role; undefined if there is no such role. */
  isRoleMember(role: string): boolean | undefined {
    const known = this.#database
      .prepare(`SELECT 1 FROM "sys.database_principals" WHERE name = ? AND type = 'R'`)
      .get(role);
    if (!known) return undefined;
    if (this.isOwner && role.toLowerCase() === 'db_owner') return true;
    return this.#principals().some(({ name }) => name === role.toLowerCase());
  }

  /** Whether a permission is held on the target; a denial wins over every grant. */
  has(permission: string, target: Target = {}): boolean {
    if (this.isOwner) return true;
    const principals = this.#principals();
    const roles = principals.map(({ name }) => name);
    const rows = this.#rows(principals, target).filter(
      (row) =>
        row.permission_name === permission ||
        row.permission_name === 'CONTROL' ||
        implies(row.permission_name, permission),
    );
    if (rows.some((row) => row.state === 'D' && row.permission_name === permission)) return false;
    if (roles.some((role) => denyingRoles[role]?.test(permission))) return false;
    if (roles.includes('db_owner')) return true;
    return roles.some((role) => fixedRoles[role]?.test(permission)) || rows.some((row) => row.state === 'G');
  }

  /** Rows on the target or on anything around it. */
  #rows(principals: readonly { principal_id: number }[], { objectId, schemaId }: Target): PermissionRow[] {
    const ids = principals.map(({ principal_id }) => principal_id).join(', ');
    return this.#database
      .prepare(
        `SELECT class, major_id, permission_name, state FROM "sys.database_permissions"
         WHERE grantee_principal_id IN (${ids})
           AND (class = 0 OR (class = 1 AND major_id = ?) OR (class = 3 AND major_id = ?))`,
      )
      .all(objectId ?? -1, schemaId ?? -1) as unknown as PermissionRow[];
  }
}

/** ALTER on something covers creating and changing what is in it. */
function implies(held: string, wanted: string): boolean {
  return held === 'ALTER' && (wanted.startsWith('ALTER') || wanted.startsWith('CREATE'));
}
