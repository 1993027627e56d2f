import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { findObject, type SchemaObject } from '../catalogue/tables.ts';
import type { SqlValue } from '../data-types.ts';
import { productVersion } from './instance.ts';
import { isElsewhere, objectIdElsewhere } from './other-databases.ts';
import type { Session } from './session.ts';

type Answer = (...values: SqlValue[]) => SqlValue;

const text = (value: SqlValue | undefined): string => String(value ?? '');
const truth = (value: boolean | undefined): SqlValue => (value === undefined ? null : value ? 1 : 0);

/** `dbo.Album`, `[dbo].[Album]` or `Music.dbo.Album` taken apart, last part first. */
function parseName(value: SqlValue | undefined): string[] {
  const parts = text(value).match(/\[(?:[^\]]|\]\])*\]|"[^"]*"|[^.]+/g) ?? [];
  return parts.map((part) => part.replace(/^\[(.*)\]$|^"(.*)"$/, '$1$2').replaceAll(']]', ']')).reverse();
}

function objectNamed(session: Session, value: SqlValue | undefined): SchemaObject | undefined {
  const [name = '', schema, database] = parseName(value);
  if (database !== undefined && database.toLowerCase() !== session.database.name.toLowerCase())
    return undefined;
  return (
    findObject(session.sqlite, schema ?? session.user.defaultSchema, name) ??
    (schema === undefined ? findObject(session.sqlite, 'dbo', name) : undefined)
  );
}

function hasPermission(
  session: Session,
  securable: SqlValue,
  kind: SqlValue,
  permission: SqlValue,
): SqlValue {
  const wanted = text(permission).toUpperCase();
  const { permissions, instance, login } = session;
  const all = wanted === 'ANY' ? ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] : [wanted];
  const on = (target: { objectId?: number; schemaId?: number }) =>
    truth(all.some((one) => permissions.has(one, target)));
  switch (text(kind).toUpperCase()) {
    case 'OBJECT': {
      const object = objectNamed(session, securable);
      return object ? on(object) : null;
    }
    case 'SCHEMA': {
      const row = session.sqlite
        .prepare('SELECT schema_id FROM "sys.schemas" WHERE name = ?')
        .get(parseName(securable)[0] ?? '');
      return row ? on({ schemaId: Number(row.schema_id) }) : null;
    }
    case 'DATABASE':
      return on({});
    default:
      return securable === null ? truth(instance.logins.hasPermission(wanted, login)) : null;
  }
}

function serverProperty({ instance }: Session, name: SqlValue): SqlValue {
  const properties: Readonly<Record<string, SqlValue>> = {
    productversion: `${productVersion.join('.')}.2`,
    productmajorversion: String(productVersion[0]),
    productlevel: 'RTM',
    edition: 'Stand-in for rehearsals',
    engineedition: '3',
    servername: instance.options.name,
    machinename: instance.options.name,
    instancename: null,
    collation: 'SQL_Latin1_General_CP1_CI_AS',
    isintegratedsecurityonly: '0',
  };
  return properties[text(name).toLowerCase()] ?? null;
}

function connectionProperty({ client }: Session, name: SqlValue): SqlValue {
  const properties: Readonly<Record<string, SqlValue>> = {
    net_transport: 'TCP',
    protocol_type: 'TSQL',
    auth_scheme: client.scheme,
    local_tcp_port: String(client.port),
    client_net_address: client.address,
    physical_net_transport: 'TCP',
  };
  return properties[text(name).toLowerCase()] ?? null;
}

/** The next number for a row of a table with an identity column; written down with the row's statement. */
function nextIdentity(session: Session, objectId: SqlValue): SqlValue {
  const row = session.sqlite
    .prepare('SELECT definition, identity_value FROM "$tables" WHERE object_id = ?')
    .get(Number(objectId));
  const { columns } = JSON.parse(text(row?.definition as string)) as {
    columns: { identity?: { seed: number; increment: number } }[];
  };
  const rule = columns.find(({ identity }) => identity)?.identity ?? { seed: 1, increment: 1 };
  const last = session.identities.get(Number(objectId)) ?? (row?.identity_value as number | null | undefined);
  const next = last === null || last === undefined ? rule.seed : last + rule.increment;
  session.identities.set(Number(objectId), next);
  return next;
}

function hashBytes(algorithm: SqlValue, value: SqlValue): SqlValue {
  const name = { md5: 'md5', sha: 'sha1', sha1: 'sha1', sha2_256: 'sha256', sha2_512: 'sha512' }[
    text(algorithm).toLowerCase()
  ];
  if (!name || value === null) return null;
  const bytes = value instanceof Uint8Array ? value : Buffer.from(text(value), 'utf16le');
  return new Uint8Array(createHash(name).update(bytes).digest());
}

function answers(session: Session): Readonly<Record<string, Answer>> {
  const { instance, client, login } = session;
  const logins = instance.logins;
  const one = (sql: string, ...values: SqlValue[]): SqlValue => {
    const row = session.sqlite.prepare(sql).get(...values);
    return row ? (Object.values(row)[0] as SqlValue) : null;
  };
  const time = (digits: number, suffix = '') =>
    `${session.statementTime
      .toISOString()
      .slice(0, 23)
      .replace('T', ' ')
      .padEnd(20 + digits, '0')}${suffix}`;
  const principalId = (name: SqlValue | undefined) =>
    name === undefined
      ? session.user.principalId
      : one('SELECT principal_id FROM "sys.database_principals" WHERE name = ?', name);
  const loginNamed = (name: SqlValue | undefined) => (name === undefined ? login : logins.find(text(name)));
  return {
    db_name: (id) =>
      id === undefined
        ? session.database.name
        : one('SELECT name FROM master."sys.databases" WHERE database_id = ?', id),
    db_id: (name) => (name === undefined ? session.database.id : (instance.database(text(name))?.id ?? null)),
    object_id: (name, kind) => {
      const [table = '', schema, database] = parseName(name);
      const path = { name: table, line: 0, ...(schema ? { schema } : {}), ...(database ? { database } : {}) };
      if (isElsewhere(session, path)) return objectIdElsewhere(session, path) ?? null;
      const object = objectNamed(session, name);
      if (!object || (kind !== undefined && kind !== null && object.type !== text(kind).trim().toUpperCase()))
        return null;
      return object.objectId;
    },
    object_name: (id) => one('SELECT name FROM "$objects" WHERE object_id = ?', id ?? null),
    schema_id: (name) =>
      one('SELECT schema_id FROM "sys.schemas" WHERE name = ?', name ?? session.user.defaultSchema),
    schema_name: (id) =>
      id === undefined
        ? session.user.defaultSchema
        : one('SELECT name FROM "sys.schemas" WHERE schema_id = ?', id),
    suser_sname: (sid) =>
      sid === undefined
        ? login.name
        : one('SELECT name FROM master."sys.server_principals" WHERE sid = ?', sid),
    suser_name: (id) =>
      id === undefined
        ? login.name
        : one('SELECT name FROM master."sys.server_principals" WHERE principal_id = ?', id),
    suser_id: (name) => loginNamed(name)?.principalId ?? null,
    original_login: () => login.name,
    suser_sid: (name) => loginNamed(name)?.sid ?? null,
    session_context: (key) => session.context.get(text(key).toLowerCase())?.value ?? null,
    context_info: () => session.contextInfo,
    sessionproperty: (name) => truth(session.options.isOn(text(name).toUpperCase())),
    user_name: (id) =>
      id === undefined
        ? session.user.name
        : one('SELECT name FROM "sys.database_principals" WHERE principal_id = ?', id),
    user_id: principalId,
    database_principal_id: principalId,
    is_member: (role) => truth(session.permissions.isRoleMember(text(role))),
    is_rolemember: (role, name) => {
      if (name === undefined) return truth(session.permissions.isRoleMember(text(role)));
      const id = principalId(name);
      return id === null ? null : truth(session.permissionsOf(Number(id)).isRoleMember(text(role)));
    },
    is_srvrolemember: (role, name) => {
      const who = loginNamed(name);
      return who ? truth(logins.isRoleMember(text(role), who)) : null;
    },
    has_perms_by_name: (securable, kind, permission) =>
      hasPermission(session, securable ?? null, kind ?? null, permission ?? null),
    has_dbaccess: (name) => (instance.database(text(name)) ? truth(session.canUse(text(name))) : null),
    serverproperty: (name) => serverProperty(session, name ?? null),
    databasepropertyex: (name, property) => {
      const database = instance.database(text(name));
      const values: Readonly<Record<string, SqlValue>> = {
        status: database?.online ? 'ONLINE' : 'OFFLINE',
        useraccess: database?.singleUser ? 'SINGLE_USER' : 'MULTI_USER',
        collation: 'SQL_Latin1_General_CP1_CI_AS',
        updateability: 'READ_WRITE',
      };
      return database ? (values[text(property).toLowerCase()] ?? null) : null;
    },
    connectionproperty: (name) => connectionProperty(session, name ?? null),
    scope_identity: () => session.identity,
    ident_current: (name) =>
      one(
        'SELECT identity_value FROM "$tables" WHERE object_id = ?',
        objectNamed(session, name)?.objectId ?? null,
      ),
    col_length: (table, column) =>
      one(
        'SELECT max_length FROM "$columns" WHERE object_id = ? AND name = ?',
        objectNamed(session, table)?.objectId ?? null,
        column ?? null,
      ),
    xact_state: () => (session.transactions.depth === 0 ? 0 : session.transactions.doomed ? -1 : 1),
    error_number: () => session.caught?.number ?? null,
    error_message: () => session.caught?.message ?? null,
    error_severity: () => session.caught?.severity ?? null,
    error_state: () => session.caught?.state ?? null,
    error_line: () => session.caught?.line ?? null,
    error_procedure: () => null,
    applock_mode: (_, resource) =>
      instance.applicationLocks.mode(session.lockName(text(resource)), session.spid),
    host_name: () => client.hostName,
    app_name: () => client.applicationName,
    getdate: () => time(3),
    getutcdate: () => time(3),
    sysdatetime: () => time(7),
    sysutcdatetime: () => time(7),
    sysdatetimeoffset: () => time(7, '+00:00'),
    hashbytes: (algorithm, value) => hashBytes(algorithm ?? null, value ?? null),
    next_identity: (objectId) => nextIdentity(session, objectId ?? null),
  };
}

/** Gives a SQLite connection the functions whose answers depend on the session. */
export function registerSessionFunctions(database: DatabaseSync, session: Session): void {
  for (const [name, answer] of Object.entries(answers(session))) {
    database.function(`tsql_${name}`, { varargs: true }, answer);
  }
}
