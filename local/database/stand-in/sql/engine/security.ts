import type { NewLogin } from '../../security/logins.ts';
import { cannot, sqlError } from '../../sql-error.ts';
import { now } from '../catalogue/database-files.ts';
import type { ObjectName } from '../syntax/ast.ts';
import { findNamed, requirePermission, schemaNamed } from './find-table.ts';
import type { Session } from './session.ts';

/** Executes statements about logins, users, roles and permissions. */

function requireLoginChange({ login }: Session): void {
  if (!login.administrator) throw sqlError(15247);
}

export function createLogin(session: Session, name: string, login: NewLogin): void {
  requireLoginChange(session);
  const { logins, options } = session.instance;
  if (login.windows) requireWindowsName(options.netbiosName, name);
  session.transactions.undoneBy(logins.create(name, login));
}

export function dropLogin(session: Session, name: string): void {
  requireLoginChange(session);
  const { logins, sessions } = session.instance;
  const wanted = name.toLowerCase();
  if ([...sessions.values()].some(({ login }) => login.name.toLowerCase() === wanted))
    throw sqlError(15434, name);
  session.transactions.undoneBy(logins.drop(name));
}

/** Error 15407 for a name without a domain, 15401 if the domain is not the server's. */
function requireWindowsName(domain: string, name: string): void {
  const [given, account, ...more] = name.split('\\');
  if (!given || !account || more.length > 0) throw sqlError(15407, name);
  if (given.toLowerCase() !== domain.toLowerCase()) throw sqlError(15401, name);
}

interface Principal {
  readonly name: string;
  readonly type: 'S' | 'U' | 'R';
  readonly sid: Uint8Array | null;
  readonly schema: string | null;
}

const descriptions = { S: 'SQL_USER', U: 'WINDOWS_USER', R: 'DATABASE_ROLE' } as const;

function addPrincipal(session: Session, { name, type, sid, schema }: Principal): number {
  if (session.principalId(name) !== undefined) throw sqlError(15023, name);
  const row = session.sqlite
    .prepare(
      'SELECT max(4, max(principal_id)) + 1 AS next FROM "sys.database_principals" WHERE principal_id < 16384',
    )
    .get();
  const id = Number(row?.next);
  session.sqlite
    .prepare('INSERT INTO "sys.database_principals" VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)')
    .run(name, id, type, descriptions[type], schema, now(), type === 'R' ? 1 : null, sid);
  return id;
}

export function createRole(session: Session, name: string): void {
  requirePermission(session, 'CREATE ROLE');
  addPrincipal(session, { name, type: 'R', sid: null, schema: null });
}

export function createUser(session: Session, name: string, login: string, schema: string): void {
  requirePermission(session, 'ALTER ANY USER');
  const found = session.instance.logins.find(login);
  if (!found) throw sqlError(15007, login);
  const { sid, windows } = found;
  const other = session.sqlite.prepare('SELECT 1 FROM "sys.database_principals" WHERE sid = ? AND name <> ?');
  if (session.principalId(name) === undefined && other.get(sid, name)) throw sqlError(15063);
  const id = addPrincipal(session, { name, type: windows ? 'U' : 'S', sid, schema });
  setPermission(session, 'CONNECT', { class: 0, id: 0 }, id);
}

/** Maps a user to another login, for example to one of the same name that was dropped and created again. */
export function bindUser(session: Session, name: string, login: string): void {
  requirePermission(session, 'ALTER ANY USER');
  const found = session.instance.logins.find(login);
  const id = session.principalId(name);
  if (!found || id === undefined) throw cannot(`alter the user '${name}'`);
  session.sqlite
    .prepare('UPDATE "sys.database_principals" SET sid = ? WHERE principal_id = ?')
    .run(found.sid, id);
}

export function dropUser(session: Session, name: string, ifExists: boolean): void {
  const id = session.principalId(name);
  if (id === undefined && ifExists) return;
  requirePermission(session, 'ALTER ANY USER');
  if (id === undefined || id < 5 || id >= 16384) throw cannot(`drop the user '${name}'`);
  const { sqlite } = session;
  if (sqlite.prepare('SELECT 1 FROM "sys.schemas" WHERE principal_id = ?').get(id)) throw sqlError(15138);
  sqlite.prepare('DELETE FROM "sys.database_role_members" WHERE member_principal_id = ?').run(id);
  sqlite.prepare('DELETE FROM "sys.database_permissions" WHERE grantee_principal_id = ?').run(id);
  sqlite.prepare('DELETE FROM "sys.database_principals" WHERE principal_id = ?').run(id);
}

export function alterRole(session: Session, role: string, member: string, add: boolean): void {
  const { permissions } = session;
  const roleId = session.principalId(role);
  const memberId = session.principalId(member);
  const fixed = (roleId ?? 0) >= 16384;
  const permitted = fixed ? permissions.isRoleMember('db_owner') : permissions.has('ALTER ANY ROLE');
  if (roleId === undefined || !permitted) throw cannot(`alter the role '${role}'`);
  if (memberId === undefined) throw cannot(`${add ? 'add' : 'drop'} the principal '${member}'`);
  const sql = add
    ? 'INSERT OR IGNORE INTO "sys.database_role_members" VALUES (?, ?)'
    : 'DELETE FROM "sys.database_role_members" WHERE role_principal_id = ? AND member_principal_id = ?';
  session.sqlite.prepare(sql).run(roleId, memberId);
}

export type Securable =
  | { readonly class: 'DATABASE' }
  | { readonly class: 'SCHEMA'; readonly name: string }
  | { readonly class: 'OBJECT'; readonly name: ObjectName };

export function grant(
  session: Session,
  permissions: readonly string[],
  securable: Securable,
  principals: readonly string[],
): void {
  const target = resolveSecurable(session, securable);
  if (!session.permissions.has('CONTROL')) throw sqlError(15247);
  for (const name of principals) {
    const grantee = session.principalId(name);
    if (grantee === undefined) throw cannot(`find the user '${name}'`);
    for (const permission of permissions) setPermission(session, permission, target, grantee);
  }
}

function resolveSecurable(session: Session, securable: Securable): { class: number; id: number } {
  if (securable.class === 'DATABASE') return { class: 0, id: 0 };
  if (securable.class === 'SCHEMA') {
    const schema = schemaNamed(session, securable.name);
    if (!schema) throw cannot(`find the schema '${securable.name}'`);
    return { class: 3, id: schema.schemaId };
  }
  const object = findNamed(session, securable.name);
  if (!object) throw cannot(`find the object '${securable.name.name}'`);
  return { class: 1, id: object.objectId };
}

const classNames: Readonly<Record<number, string>> = { 0: 'DATABASE', 1: 'OBJECT_OR_COLUMN', 3: 'SCHEMA' };

function setPermission(
  { sqlite }: Session,
  permission: string,
  target: { class: number; id: number },
  grantee: number,
): void {
  sqlite
    .prepare(`INSERT OR REPLACE INTO "sys.database_permissions" VALUES (?, ?, ?, ?, ?, 'G', 'GRANT')`)
    .run(target.class, classNames[target.class] ?? '', target.id, grantee, permission);
}
