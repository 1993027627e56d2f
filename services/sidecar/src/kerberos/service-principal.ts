import type { CachedTicket } from './credential-cache.ts';

/** The SQL Server's name in the directory. */
export interface ServicePrincipal {
  /** In lower case: GSSAPI looks for it that way, and names in a credential cache are compared with case. */
  readonly host: string;
  /** For example `MSSQLSvc/music-db.corp.example.com:1433`. */
  readonly spn: string;
  readonly realm: string;
  /** `<spn>@<realm>`, as in a credential cache. */
  readonly principal: string;
}

const label = '[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?';
const form = new RegExp(
  `^MSSQLSvc/(?<host>${label}(\\.${label})+)(?<port>:(\\d{1,5}|[A-Za-z][A-Za-z0-9_$#]*))?(@(?<realm>${label}(\\.${label})*))?$`,
);

/**
 * Parses a service principal name, `MSSQLSvc/<host>[:<port or instance>][@<REALM>]`.
 * @param defaultRealm the user's realm
 * @returns `undefined` if it has another form
 */
export function parseServicePrincipal(text: string, defaultRealm: string): ServicePrincipal | undefined {
  const groups = form.exec(text)?.groups;
  if (!groups) {
    return undefined;
  }
  const host = (groups.host ?? '').toLowerCase();
  const spn = `MSSQLSvc/${host}${groups.port ?? ''}`;
  const realm = groups.realm?.toUpperCase() ?? defaultRealm;
  return { host, spn, realm, principal: `${spn}@${realm}` };
}

/** Whether a cached ticket is a ticket-granting ticket. */
export function isTgt(ticket: CachedTicket): boolean {
  return ticket.server.startsWith('krbtgt/');
}
