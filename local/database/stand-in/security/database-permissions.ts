import type { DatabaseSync } from 'node:sqlite';

/** What a permission applies to: an object with its schema, a schema, or the database itself. */
export interface Target {
  readonly objectId?: number;
  readonly schemaId?: number;
}

/** What the fixed roles may do to everything in the database. */
const fixedRoles: Readonly<Record<string, RegExp>> = {
  db_owner: /./,
  db_datareader: /^SELECT$/,
  db_datawriter: /^(INSERT|UPDATE|DELETE)$/,
  db_ddladmin: /^(CREATE|ALTER|REFERENCES)( (?!ANY (USER|ROLE)).*)?$|^ALTER ANY SCHEMA$/,
  db_accessadmin: /^ALTER ANY USER$/,
  db_securityadmin: /^(ALTER ANY ROLE|CREATE ROLE)$/,
};

/** The permissions of a user of a database; each query reads the catalogue again. */
export class DatabasePermissions {
  readonly #database: DatabaseSync;
  readonly #principalId: number;

  constructor(database: DatabaseSync, principalId: number) {
    this.#database = database;
    this.#principalId = principalId;
  }

  /** The principal, its direct and indirect roles, and `public`. */
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
    return known && this.#principals().some(({ name }) => name === role.toLowerCase());
  }

  /** Whether the user has a permission on the target. */
  has(permission: string, { objectId = -1, schemaId = -1 }: Target = {}): boolean {
    const principals = this.#principals();
    const roles = principals.map(({ name }) => name);
    if (this.#principalId === 1) return true;
    if (roles.some((role) => fixedRoles[role]?.test(permission))) return true;
    return this.#database
      .prepare(
        `SELECT permission_name AS name FROM "sys.database_permissions"
         WHERE grantee_principal_id IN (${principals.map(({ principal_id }) => principal_id).join(', ')})
           AND (class = 0 OR (class = 1 AND major_id = ?) OR (class = 3 AND major_id = ?))`,
      )
      .all(objectId, schemaId)
      .some(({ name }) => name === permission || name === 'CONTROL' || implies(String(name), permission));
  }
}

/** ALTER on a securable includes creating and altering what it contains. */
function implies(held: string, wanted: string): boolean {
  return held === 'ALTER' && (wanted.startsWith('ALTER') || wanted.startsWith('CREATE'));
}
