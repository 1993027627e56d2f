import { cannot, SqlError } from '../../sql-error.ts';
import { now } from '../catalogue/database-files.ts';
import type { Securable, Statement, StatementOf } from '../syntax/statements.ts';
import type { Execution } from './execution.ts';
import { findNamed, requirePermission, schemaNamed } from './find-table.ts';
import type { Session } from './session.ts';

/** Runs a statement about logins, users, roles or permissions; false if it is none. */
export function executeSecurity({ session }: Execution, statement: Statement): boolean {
  switch (statement.kind) {
    case 'createLogin':
    case 'dropLogin':
      changeLogin(session, statement);
      return true;
    case 'createUser':
      createUser(session, statement);
      return true;
    case 'createRole':
      requirePermission(session, 'CREATE ROLE');
      addPrincipal(session, { name: statement.name, type: 'R', sid: null, schema: null });
      return true;
    case 'dropUser':
      dropUser(session, statement);
      return true;
    case 'bindUser':
      bindUser(session, statement);
      return true;
    case 'alterRole':
      alterRole(session, statement);
      return true;
    case 'grant':
      grant(session, statement);
      return true;
    default:
      return false;
  }
}

const notPermitted = () =>
  new SqlError({ number: 15247, message: 'User does not have permission to perform this action.' });

function changeLogin(
  session: Session,
  statement: StatementOf<'createLogin'> | StatementOf<'dropLogin'>,
): void {
  const { instance, login, transactions } = session;
  // Logins live in master, which is another SQLite file: no transaction could take them back.
  transactions.requireNone(statement.kind.replace('Login', ' LOGIN').toUpperCase());
  if (!login.administrator) throw notPermitted();
  const { name } = statement;
  if (statement.kind === 'createLogin') {
    if (statement.windows) requireWindowsName(instance.options.netbiosName, name);
    instance.logins.create(name, statement);
    return;
  }
  if (
    [...instance.sessions.values()].some((other) => other.login.name.toLowerCase() === name.toLowerCase())
  ) {
    const message = `Could not drop login '${name}' as the user is currently logged in.`;
    throw new SqlError({ number: 15434, message });
  }
  instance.logins.drop(name);
}

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

interface Principal {
  readonly name: string;
  readonly type: 'S' | 'U' | 'R';
  readonly sid: Uint8Array | null;
  readonly schema: string | null;
}

const descriptions = { S: 'SQL_USER', U: 'WINDOWS_USER', R: 'DATABASE_ROLE' } as const;

function addPrincipal(session: Session, { name, type, sid, schema }: Principal): number {
  if (session.principalId(name) !== undefined) {
    const message = `User, group, or role '${name}' already exists in the current database.`;
    throw new SqlError({ number: 15023, message });
  }
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

function createUser(session: Session, statement: StatementOf<'createUser'>): void {
  requirePermission(session, 'ALTER ANY USER');
  const { name, login, defaultSchema: schema = 'dbo' } = statement;
  const found = session.instance.logins.find(login);
  if (!found) {
    const message = `'${login}' is not a valid login or you do not have permission.`;
    throw new SqlError({ number: 15007, message });
  }
  if (session.sqlite.prepare('SELECT 1 FROM "sys.database_principals" WHERE sid = ?').get(found.sid)) {
    const known = session.principalId(name) !== undefined;
    if (!known) {
      const message = 'The login already has an account under a different user name.';
      throw new SqlError({ number: 15063, message });
    }
  }
  const id = addPrincipal(session, { name, type: found.windows ? 'U' : 'S', sid: found.sid, schema });
  setPermission(session, 'CONNECT', { class: 0, id: 0 }, id);
}

function bindUser(session: Session, { name, login }: StatementOf<'bindUser'>): void {
  requirePermission(session, 'ALTER ANY USER');
  const found = session.instance.logins.find(login);
  if (!found || session.principalId(name) === undefined) throw cannot(`alter the user '${name}'`);
  session.sqlite
    .prepare('UPDATE "sys.database_principals" SET sid = ? WHERE principal_id = ?')
    .run(found.sid, session.principalId(name) as number);
}

function dropUser(session: Session, { name, ifExists }: StatementOf<'dropUser'>): void {
  const id = session.principalId(name);
  if (id === undefined && ifExists) return;
  requirePermission(session, 'ALTER ANY USER');
  if (id === undefined || id < 5 || id >= 16384) throw cannot(`drop the user '${name}'`);
  const { sqlite } = session;
  if (sqlite.prepare('SELECT 1 FROM "sys.schemas" WHERE principal_id = ?').get(id)) {
    const message = 'The database principal owns a schema in the database, and cannot be dropped.';
    throw new SqlError({ number: 15138, message });
  }
  sqlite.prepare('DELETE FROM "sys.database_role_members" WHERE member_principal_id = ?').run(id);
  sqlite.prepare('DELETE FROM "sys.database_permissions" WHERE grantee_principal_id = ?').run(id);
  sqlite.prepare('DELETE FROM "sys.database_principals" WHERE principal_id = ?').run(id);
}

function alterRole(session: Session, { role, member, add }: StatementOf<'alterRole'>): void {
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

function grant(session: Session, { permissions, securable, principals }: StatementOf<'grant'>): void {
  const target = resolveSecurable(session, securable);
  if (!session.permissions.has('CONTROL')) throw notPermitted();
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
