import { DatabaseSync } from 'node:sqlite';
import { DatabasePermissions } from '../../security/database-permissions.ts';
import type { Login } from '../../security/logins.ts';
import { sqlError } from '../../sql-error.ts';
import type { DatabaseRow, Instance } from './instance.ts';
import { registerScalarFunctions } from './scalar-functions.ts';
import { registerSessionFunctions } from './session-functions.ts';
import { SessionOptions } from './session-options.ts';
import { Transactions } from './transactions.ts';

/** What is known of the client from its connection and its LOGIN7. */
export interface ClientInformation {
  readonly hostName: string;
  readonly applicationName: string;
  readonly address: string;
  readonly scheme: 'SQL' | 'KERBEROS';
}

/** Who the session is in its current database. */
export interface DatabaseUser {
  readonly name: string;
  readonly principalId: number;
  readonly defaultSchema: string;
}

/** One logged-in connection. */
export class Session {
  readonly instance: Instance;
  readonly spid: number;
  readonly login: Login;
  readonly client: ClientInformation;
  readonly transactions: Transactions;
  database!: DatabaseRow;
  user!: DatabaseUser;
  permissions!: DatabasePermissions;
  sqlite!: DatabaseSync;

  /** `SET XACT_ABORT` and its like. */
  options = new SessionOptions();
  /** What `SET CONTEXT_INFO` has set. */
  contextInfo: Uint8Array | null = null;
  rowCount = 0;
  lastError = 0;
  /** The time that GETDATE and its like give, the same within a statement. */
  statementTime = new Date();
  /** The table that takes explicit identities, SET IDENTITY_INSERT. */
  identityInsert: number | undefined;
  /** Numbers given out by the running INSERT, by table. */
  readonly identities = new Map<number, number>();

  readonly #initialDatabase: string;

  /** Error 4060 when the database cannot be opened. */
  constructor(instance: Instance, login: Login, client: ClientInformation, database: string) {
    this.instance = instance;
    this.login = login;
    this.client = client;
    this.spid = instance.nextSpid();
    this.transactions = new Transactions(() => this.sqlite);
    try {
      this.use(database);
    } catch {
      throw sqlError(4060, database);
    }
    this.#initialDatabase = this.database.name;
    instance.sessions.set(this.spid, this);
  }

  /** Changes the current database: errors 911 and 916. */
  use(name: string): void {
    const row = this.instance.database(name);
    if (!row) throw sqlError(911, name);
    if (row.id === (this.sqlite ? this.database.id : undefined)) return;
    this.transactions.requireNone('USE of another database');
    const sqlite = this.#open(row);
    const user = findUser(sqlite, this.login);
    if (!user) {
      sqlite.close();
      throw sqlError(916, this.login.name, row.name);
    }
    this.sqlite?.close();
    this.sqlite = sqlite;
    this.database = row;
    this.user = user;
    this.permissions = new DatabasePermissions(sqlite, user.principalId);
    this.identityInsert = undefined;
  }

  #open({ id }: DatabaseRow): DatabaseSync {
    const sqlite = new DatabaseSync(this.instance.files.path(id), {
      timeout: 0,
      // ALTER TABLE writes SQLite's own schema table.
      defensive: false,
    });
    sqlite.exec('PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY');
    sqlite.prepare('ATTACH ? AS master').run(`file:${encodeURI(this.instance.files.path(1))}?mode=ro`);
    registerScalarFunctions(sqlite);
    registerSessionFunctions(sqlite, this);
    return sqlite;
  }

  permissionsOf(principalId: number): DatabasePermissions {
    return new DatabasePermissions(this.sqlite, principalId);
  }

  /** The number of a user or role of the current database. */
  principalId(name: string): number | undefined {
    const row = this.sqlite
      .prepare('SELECT principal_id FROM "sys.database_principals" WHERE name = ?')
      .get(name);
    return row && Number(row.principal_id);
  }

  /** Brings the session back to how it was after login, for the next user of a pooled connection. */
  reset({ keepTransaction = false } = {}): void {
    if (!keepTransaction) this.transactions.abandon();
    this.options = new SessionOptions();
    this.contextInfo = null;
    this.identityInsert = undefined;
    if (this.transactions.depth === 0 && this.database.name !== this.#initialDatabase)
      this.use(this.#initialDatabase);
  }

  close(): void {
    if (this.instance.sessions.get(this.spid) !== this) return;
    this.instance.sessions.delete(this.spid);
    this.transactions.abandon();
    this.sqlite.close();
  }
}

/** Who a login is in a database: the owner is `dbo`, others need a user, or a `guest` who may connect. */
function findUser(sqlite: DatabaseSync, login: Login): DatabaseUser | undefined {
  const row = sqlite
    .prepare(
      `SELECT name, principal_id, default_schema_name FROM "sys.database_principals"
       WHERE type IN ('S', 'U') AND (sid = ? OR principal_id = 2) ORDER BY principal_id = 2`,
    )
    .all(login.sid)
    .find(({ principal_id }) => new DatabasePermissions(sqlite, Number(principal_id)).has('CONNECT'));
  return (
    row && {
      name: String(row.name),
      principalId: Number(row.principal_id),
      defaultSchema: String(row.default_schema_name ?? 'dbo'),
    }
  );
}
