import { SqlError } from '../../sql-error.ts';
import type { Session } from './session.ts';

/**
 * Writes who is connected into the session's own `sys.dm_exec_…`. Without VIEW SERVER STATE a login sees itself in
 * `dm_exec_sessions` and is refused the others: error 300.
 */
export function fillSessionViews(session: Session, view: string): void {
  const { instance, sqlite, login } = session;
  const all = instance.logins.hasPermission('VIEW SERVER STATE', login);
  if (!all && view !== 'dm_exec_sessions') {
    const message = `VIEW SERVER STATE permission was denied on object 'server', database 'master'.`;
    throw new SqlError({ number: 300, severity: 14, message });
  }
  const visible = [...instance.sessions.values()].filter(({ spid }) => all || spid === session.spid);
  sqlite.exec('DELETE FROM "sys.dm_exec_sessions"; DELETE FROM "sys.dm_exec_connections"');
  const addSession = sqlite.prepare('INSERT INTO "sys.dm_exec_sessions" VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?)');
  const addConnection = sqlite.prepare('INSERT INTO "sys.dm_exec_connections" VALUES (?, ?, ?, ?, ?, ?)');
  for (const { spid, client, login: owner, database, loginTime } of visible) {
    const status = spid === session.spid ? 'running' : 'sleeping';
    addSession.run(
      spid,
      owner.name,
      owner.name,
      client.hostName,
      client.applicationName,
      status,
      database.id,
      loginTime,
    );
    addConnection.run(
      spid,
      'TCP',
      client.encrypted ? 'TRUE' : 'FALSE',
      client.scheme,
      client.address,
      loginTime,
    );
  }
}
