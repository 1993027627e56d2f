import { SqlError, unsupported } from '../../sql-error.ts';
import type { Statement, StatementOf } from '../syntax/statements.ts';
import type { Execution } from './batch.ts';
import type { DatabaseRow } from './instance.ts';
import type { Session } from './session.ts';

/** Runs CREATE, ALTER or DROP DATABASE and KILL, which stand outside every transaction; false if it is none. */
export function executeDatabase({ session }: Execution, statement: Statement): boolean {
  switch (statement.kind) {
    case 'createDatabase':
      session.transactions.requireNone('CREATE DATABASE');
      requireServerPermission(
        session,
        'CREATE ANY DATABASE',
        `CREATE DATABASE permission denied in database 'master'.`,
      );
      session.instance.createDatabase(statement.name, session.login);
      return true;
    case 'alterDatabase':
      session.transactions.requireNone('ALTER DATABASE');
      alterDatabase(session, statement);
      return true;
    case 'dropDatabase':
      session.transactions.requireNone('DROP DATABASE');
      for (const name of statement.names) dropDatabase(session, name, statement.ifExists);
      return true;
    case 'kill':
      kill(session, statement.spid);
      return true;
    default:
      return false;
  }
}

/** Error 262 without a permission on the server. */
function requireServerPermission({ instance, login }: Session, permission: string, message: string): void {
  if (!instance.logins.hasPermission(permission, login))
    throw new SqlError({ number: 262, severity: 14, message });
}

const known =
  /^(SINGLE_USER|MULTI_USER|ONLINE|OFFLINE|READ_COMMITTED_SNAPSHOT (ON|OFF)|ALLOW_SNAPSHOT_ISOLATION (ON|OFF)|RECOVERY (SIMPLE|FULL))$/;

function alterDatabase(session: Session, { name, option, immediate }: StatementOf<'alterDatabase'>): void {
  const { instance } = session;
  const row = name === '' ? session.database : instance.database(name);
  if (!row || !isOwner(session, row)) {
    const message = `User does not have permission to alter database '${name}', the database does not exist, or the database is not in a state that allows access checks.`;
    throw new SqlError({ number: 5011, severity: 14, state: 9, message });
  }
  if (!known.test(option)) throw unsupported(`ALTER DATABASE … SET ${option}`);
  const closing = option === 'SINGLE_USER' || option === 'OFFLINE';
  const others = [...instance.sessions.values()].filter(
    (other) => other !== session && other.database.id === row.id,
  );
  if (closing && immediate) for (const other of others) other.kill();
  else if (closing && others.length > 0) {
    const message = `ALTER DATABASE failed because a lock could not be placed on database '${row.name}'. Try again later.`;
    throw new SqlError({ number: 5061, message });
  }
  instance.setDatabaseOption(row, option);
}

function dropDatabase(session: Session, name: string, ifExists: boolean): void {
  const { instance } = session;
  const row = instance.database(name);
  if (!row && ifExists) return;
  if (!row || !isOwner(session, row)) {
    const message = `Cannot drop the database '${name}', because it does not exist or you do not have permission.`;
    throw new SqlError({ number: 3701, severity: 11, message });
  }
  if (row.id === 1) {
    throw new SqlError({
      number: 3708,
      message: `Cannot drop the database '${name}' because it is a system database.`,
    });
  }
  instance.dropDatabase(row);
}

function isOwner({ isSysadmin, login }: Session, row: DatabaseRow): boolean {
  return isSysadmin || Buffer.compare(Buffer.from(row.ownerSid), Buffer.from(login.sid)) === 0;
}

function kill(session: Session, spid: number): void {
  const { instance, login } = session;
  if (!instance.logins.hasPermission('ALTER ANY CONNECTION', login)) {
    throw new SqlError({
      number: 6102,
      severity: 14,
      message: 'User does not have permission to use the KILL statement.',
    });
  }
  if (spid === session.spid)
    throw new SqlError({ number: 6104, message: 'Cannot use KILL to kill your own process.' });
  const victim = instance.sessions.get(spid);
  if (!victim)
    throw new SqlError({ number: 6106, message: `Process ID ${spid} is not an active process ID.` });
  victim.kill();
}
