import type { DatabaseSync } from 'node:sqlite';
import { findObject } from '../catalogue/tables.ts';
import type { SqlValue } from '../data-types.ts';
import { productVersion } from './product.ts';
import type { Session } from './session.ts';

type Answer = (...values: SqlValue[]) => SqlValue;

const text = (value: SqlValue | undefined): string => String(value ?? '');
const truth = (value: boolean | undefined): SqlValue => (value === undefined ? null : value ? 1 : 0);

/** Splits `dbo.Album`, `[dbo].[Album]` or `Music.dbo.Album` into its parts, last part first. */
function parseName(value: SqlValue | undefined): string[] {
  const parts = text(value).match(/\[(?:[^\]]|\]\])*\]|"[^"]*"|[^.]+/g) ?? [];
  return parts.map((part) => part.replace(/^\[(.*)\]$|^"(.*)"$/, '$1$2').replaceAll(']]', ']')).reverse();
}

function objectId(
  { sqlite, user, database: own }: Session,
  value: SqlValue | undefined,
  kind?: SqlValue,
): SqlValue {
  const [name = '', schema, database = own.name] = parseName(value);
  if (database.toLowerCase() !== own.name.toLowerCase()) return null;
  const object =
    findObject(sqlite, schema ?? user.defaultSchema, name) ??
    (schema === undefined ? findObject(sqlite, 'dbo', name) : undefined);
  const wanted = kind === undefined || kind === null ? object?.type : text(kind).trim().toUpperCase();
  return object && object.type === wanted ? object.objectId : null;
}

const property = (properties: Readonly<Record<string, SqlValue>>, name: SqlValue | undefined): SqlValue =>
  properties[text(name).toLowerCase()] ?? null;

/** The next identity value for a row of a table; the statement that inserts the row saves it. */
function nextIdentity({ sqlite, identities }: Session, value: SqlValue | undefined): SqlValue {
  const id = Number(value);
  const row = sqlite.prepare('SELECT seed, increment, last FROM "$identities" WHERE object_id = ?').get(id);
  const last = identities.get(id) ?? row?.last;
  const next =
    last === null || last === undefined ? Number(row?.seed) : Number(last) + Number(row?.increment);
  identities.set(id, next);
  return next;
}

function answers(session: Session): Readonly<Record<string, Answer>> {
  const { instance, login } = session;
  const { logins } = instance;
  const find = (table: string, wanted: string, by: string, value: SqlValue): SqlValue => {
    const sql = `SELECT ${wanted} FROM ${table} WHERE ${by} = ?`;
    return (Object.values(session.sqlite.prepare(sql).get(value) ?? [])[0] ?? null) as SqlValue;
  };
  const loginNamed = (name: SqlValue | undefined) => (name === undefined ? login : logins.find(text(name)));
  const now = () => session.statementTime.toISOString().slice(0, 23).replace('T', ' ');
  return {
    db_name: (id) =>
      id === undefined ? session.database.name : find('master."sys.databases"', 'name', 'database_id', id),
    db_id: (name) => (name === undefined ? session.database.id : (instance.database(text(name))?.id ?? null)),
    object_id: (name, kind) => objectId(session, name, kind),
    schema_id: (name) => find('"sys.schemas"', 'schema_id', 'name', name ?? session.user.defaultSchema),
    schema_name: (id) =>
      id === undefined ? session.user.defaultSchema : find('"sys.schemas"', 'name', 'schema_id', id),
    suser_sname: (sid) =>
      sid === undefined ? login.name : find('master."sys.server_principals"', 'name', 'sid', sid),
    suser_name: (id) =>
      id === undefined ? login.name : find('master."sys.server_principals"', 'name', 'principal_id', id),
    suser_id: (name) => loginNamed(name)?.principalId ?? null,
    suser_sid: (name) => loginNamed(name)?.sid ?? null,
    database_principal_id: (name) =>
      name === undefined ? session.user.principalId : (session.principalId(text(name)) ?? null),
    is_rolemember: (role, name) => {
      const id = name === undefined ? session.user.principalId : session.principalId(text(name));
      return id === undefined ? null : truth(session.permissionsOf(id).isRoleMember(text(role)));
    },
    serverproperty: (name) => property({ productversion: `${productVersion.join('.')}.2` }, name),
    connectionproperty: (name) =>
      property({ auth_scheme: session.client.scheme, client_net_address: session.client.address }, name),
    context_info: () => session.contextInfo,
    getdate: () => now(),
    sysutcdatetime: () => now().padEnd(27, '0'),
    next_identity: (table) => nextIdentity(session, table),
  };
}

/** Registers the functions whose results depend on the session on a SQLite connection. */
export function registerSessionFunctions(database: DatabaseSync, session: Session): void {
  for (const [name, answer] of Object.entries(answers(session))) {
    database.function(`tsql_${name}`, { varargs: true }, answer);
  }
}
