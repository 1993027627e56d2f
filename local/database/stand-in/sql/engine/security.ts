import { windowsSid } from '../../security/logins.ts';
import { SqlError } from '../../sql-error.ts';
import { now } from '../catalogue/database-files.ts';
import type { Securable, Statement, StatementOf } from '../syntax/statements.ts';
import type { Execution } from './batch.ts';
import { requirePermission, schemaNamed } from './definitions.ts';
import type { Session } from './session.ts';
import { findNamed } from './translation-context.ts';

/** Runs a statement about logins, users, roles or permissions; false if it is none. */
export function executeSecurity({ session }: Execution, statement: Statement): boolean {
  switch (statement.kind) {
    case 'createLogin':
    case 'alterLogin':
    case 'dropLogin':
      changeLogin(session, statement);
      return true;
    case 'createUser':
      createUser(session, statement);
      return true;
    case 'alterUser':
      alterUser(session, statement);
      return true;
    case 'createRole':
      requirePermission(session, 'CREATE ROLE');
      addPrincipal(session, statement.name, 'R', null, null);
      return true;
    case 'dropUser':
    case 'dropRole':
      dropPrincipal(session, statement);
      return true;
    case 'alterRole':
      alterRole(session, statement);
      return true;
    case 'permission':
      changePermissions(session, statement);
      return true;
    default:
      return false;
  }
}

type LoginStatement = StatementOf<'createLogin' | 'alterLogin' | 'dropLogin'>;

function changeLogin(session: Session, statement: LoginStatement): void {
  const { instance, login, transactions } = session;
  // Logins live in master, which is another SQLite file: no transaction could take them back.
  transactions.requireNone(statement.kind.replace('Login', ' LOGIN').toUpperCase());
  const own = statement.kind === 'alterLogin' && statement.name.toLowerCase() === login.name.toLowerCase();
  if (!own && !instance.logins.hasPermission('ALTER ANY LOGIN', login)) throw notPermitted();
  if (statement.kind === 'dropLogin') {
    if (
      [...instance.sessions.values()].some(
        (other) => other.login.name.toLowerCase() === statement.name.toLowerCase(),
      )
    ) {
      const message = `Could not drop login '${statement.name}' as the user is currently logged in.`;
      throw new SqlError({ number: 15434, message });
    }
    instance.logins.drop(statement.name);
    return;
  }
  if (statement.kind === 'alterLogin') {
    instance.logins.alter(statement.name, statement);
    return;
  }
  if (statement.windows) requireWindowsName(instance.options.netbiosName, statement.name);
  else if (statement.password === undefined)
    throw new SqlError({ number: 102, severity: 15, message: `Incorrect syntax near '${statement.name}'.` });
  instance.logins.create(statement.name, statement);
}

const notPermitted = () =>
  new SqlError({ number: 15247, message: 'User does not have permission to perform this action.' });

/** Error 15407 for a name without a domain, 15401 for one of another domain than the server's. */
function requireWindowsName(domain: string, name: string): void {
  const [given, account, ...more] = name.split('\\');
  if (!given || !account || more.length > 0) {
    const message = `'${name}' is not a valid Windows NT name. Give the complete name: <domain\\username>.`;
    throw new SqlError({ number: 15407, severity: 11, message });
  }
  if (given.toLowerCase() !== domain.toLowerCase()) {
    const message = `Windows NT user or group '${name}' not found. Check the name again.`;
    throw new SqlError({ number: 15401, severity: 11, message });
  }
}

function principalId({ sqlite }: Session, name: string): number | undefined {
  const row = sqlite.prepare('SELECT principal_id FROM "sys.database_principals" WHERE name = ?').get(name);
  return row ? Number(row.principal_id) : undefined;
}

function cannotFind(what: string): SqlError {
  return new SqlError({
    number: 15151,
    message: `Cannot ${what}, because it does not exist or you do not have permission.`,
  });
}

function addPrincipal(
  session: Session,
  name: string,
  type: 'S' | 'U' | 'R',
  sid: Uint8Array | null,
  schema: string | null,
): number {
  if (principalId(session, name) !== undefined) {
    throw new SqlError({
      number: 15023,
      message: `User, group, or role '${name}' already exists in the current database.`,
    });
  }
  const description = { S: 'SQL_USER', U: 'WINDOWS_USER', R: 'DATABASE_ROLE' }[type];
  const row = session.sqlite
    .prepare(
      'SELECT max(4, max(principal_id)) + 1 AS next FROM "sys.database_principals" WHERE principal_id < 16384',
    )
    .get();
  const id = Number(row?.next);
  session.sqlite
    .prepare('INSERT INTO "sys.database_principals" VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)')
    .run(name, id, type, description, schema, now(), type === 'R' ? 1 : null, sid);
  return id;
}

function createUser(
  session: Session,
  { name, login, withoutLogin, defaultSchema }: StatementOf<'createUser'>,
): void {
  requirePermission(session, 'ALTER ANY USER');
  const found = withoutLogin ? undefined : session.instance.logins.find(login ?? name);
  if (!withoutLogin && !found) {
    const message = `'${login ?? name}' is not a valid login or you do not have permission.`;
    throw new SqlError({ number: 15007, message });
  }
  if (
    found &&
    session.sqlite.prepare('SELECT 1 FROM "sys.database_principals" WHERE sid = ?').get(found.sid)
  ) {
    throw new SqlError({
      number: 15063,
      message: 'The login already has an account under a different user name.',
    });
  }
  const sid = found?.sid ?? windowsSid(`without login ${name}`);
  const id = addPrincipal(session, name, found?.windows ? 'U' : 'S', sid, defaultSchema ?? 'dbo');
  setPermission(session, 'GRANT', 'CONNECT', { class: 0, id: 0 }, id);
}

function alterUser(
  session: Session,
  { name, login, defaultSchema, newName }: StatementOf<'alterUser'>,
): void {
  requirePermission(session, 'ALTER ANY USER');
  const id = principalId(session, name);
  if (id === undefined) throw cannotFind(`alter the user '${name}'`);
  const set = (column: string, value: string | Uint8Array) =>
    session.sqlite
      .prepare(`UPDATE "sys.database_principals" SET ${column} = ? WHERE principal_id = ?`)
      .run(value, id);
  if (login !== undefined) {
    const found = session.instance.logins.find(login);
    if (!found)
      throw new SqlError({
        number: 15007,
        message: `'${login}' is not a valid login or you do not have permission.`,
      });
    set('sid', found.sid);
  }
  if (defaultSchema !== undefined) set('default_schema_name', defaultSchema);
  if (newName !== undefined) set('name', newName);
}

function dropPrincipal(
  session: Session,
  { kind, name, ifExists }: StatementOf<'dropUser' | 'dropRole'>,
): void {
  const id = principalId(session, name);
  if (id === undefined && ifExists) return;
  requirePermission(session, kind === 'dropUser' ? 'ALTER ANY USER' : 'ALTER ANY ROLE');
  if (id === undefined || id < 5 || id >= 16384)
    throw cannotFind(`drop the ${kind === 'dropUser' ? 'user' : 'role'} '${name}'`);
  const { sqlite } = session;
  if (sqlite.prepare('SELECT 1 FROM "sys.schemas" WHERE principal_id = ?').get(id)) {
    throw new SqlError({
      number: 15138,
      message: 'The database principal owns a schema in the database, and cannot be dropped.',
    });
  }
  sqlite
    .prepare('DELETE FROM "sys.database_role_members" WHERE role_principal_id = ? OR member_principal_id = ?')
    .run(id, id);
  sqlite.prepare('DELETE FROM "sys.database_permissions" WHERE grantee_principal_id = ?').run(id);
  sqlite.prepare('DELETE FROM "sys.database_principals" WHERE principal_id = ?').run(id);
}

function alterRole(session: Session, { role, server, member, add }: StatementOf<'alterRole'>): void {
  const { sqlite, instance, permissions, isSysadmin } = session;
  if (server) {
    if (!isSysadmin && !instance.logins.isRoleMember(role, session.login)) throw notPermitted();
    instance.logins.setRoleMember(role, member, add);
    return;
  }
  const roleId = principalId(session, role);
  const memberId = principalId(session, member);
  const fixed = (roleId ?? 0) >= 16384;
  const permitted = fixed ? permissions.isRoleMember('db_owner') : permissions.has('ALTER ANY ROLE');
  if (roleId === undefined || !permitted) throw cannotFind(`alter the role '${role}'`);
  if (memberId === undefined) throw cannotFind(`${add ? 'add' : 'drop'} the principal '${member}'`);
  const sql = add
    ? 'INSERT OR IGNORE INTO "sys.database_role_members" VALUES (?, ?)'
    : 'DELETE FROM "sys.database_role_members" WHERE role_principal_id = ? AND member_principal_id = ?';
  sqlite.prepare(sql).run(roleId, memberId);
}

function changePermissions(
  session: Session,
  { action, permissions, securable, principals }: StatementOf<'permission'>,
): void {
  for (const name of principals) {
    if (securable.class === 'SERVER') {
      if (!session.instance.logins.hasPermission('CONTROL SERVER', session.login)) throw notPermitted();
      for (const permission of permissions) session.instance.logins.permission(action, permission, name);
      continue;
    }
    const target = resolveSecurable(session, securable);
    if (!session.permissions.isRoleMember('db_owner') && !session.permissions.has('CONTROL'))
      throw notPermitted();
    const grantee = principalId(session, name);
    if (grantee === undefined) throw cannotFind(`find the user '${name}'`);
    for (const permission of permissions) setPermission(session, action, permission, target, grantee);
  }
}

function resolveSecurable(session: Session, securable: Securable): { class: number; id: number } {
  if (securable.class === 'SCHEMA') {
    const schema = schemaNamed(session, securable.name);
    if (!schema) throw cannotFind(`find the schema '${securable.name}'`);
    return { class: 3, id: schema.schemaId };
  }
  if (securable.class === 'OBJECT') {
    const object = findNamed(session, securable.name);
    if (!object) throw cannotFind(`find the object '${securable.name.name}'`);
    return { class: 1, id: object.objectId };
  }
  return { class: 0, id: 0 };
}

const classNames: Readonly<Record<number, string>> = { 0: 'DATABASE', 1: 'OBJECT_OR_COLUMN', 3: 'SCHEMA' };

function setPermission(
  { sqlite, user }: Session,
  action: 'GRANT' | 'DENY' | 'REVOKE',
  permission: string,
  target: { class: number; id: number },
  grantee: number,
): void {
  sqlite
    .prepare(
      'DELETE FROM "sys.database_permissions" WHERE class = ? AND major_id = ? AND grantee_principal_id = ? AND permission_name = ?',
    )
    .run(target.class, target.id, grantee, permission);
  if (action === 'REVOKE') return;
  sqlite
    .prepare('INSERT INTO "sys.database_permissions" VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?)')
    .run(
      target.class,
      classNames[target.class] ?? '',
      target.id,
      grantee,
      user.principalId,
      permission,
      action.charAt(0),
      action,
    );
}
