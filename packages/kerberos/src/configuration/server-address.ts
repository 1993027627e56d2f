import { KerberosError } from '../errors/kerberos-error.ts';

/** Where a server listens. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  /** Why this client cannot use the server, if it cannot. */
  readonly unsupported?: string;
}

/** MS-KKDCP: Kerberos over HTTPS. */
const proxy = { unsupported: 'this is a KDC proxy (https://), which this client does not know to ask' };

/**
 * Reads `host`, `host:port`, `[address]:port` or `https://host:port/path` as MIT Kerberos does: text after a blank or
 * after the closing bracket is ignored. So is a leading `tcp/` or `udp/`, which is Heimdal syntax.
 *
 * @param relation the name of the setting: `kdc`
 * @throws KerberosError CONFIGURATION_INVALID
 */
export function serverAddress(
  text: string,
  { relation, realm, port }: { relation: string; realm: string; port: number },
): ServerAddress {
  const [, scheme, written = ''] = /^(?:tcp\/|udp\/|(https:\/\/))?(.*)$/s.exec(text) ?? [];
  const place = scheme ? written.replace(/\/.*$/s, '') : written;
  const [, bracketed, single, named = scheme ? '443' : `${port}`] =
    /^(?:\[([^\]]*)\]|([^ \t:]*))(?::(.*)|(?!:).*)$/s.exec(place) ?? [];
  const host = bracketed ?? single ?? '';
  if (host === '' || /^\d+$/.test(place) || !isPort(named)) {
    throw new KerberosError(
      'CONFIGURATION_INVALID',
      `In [realms] of krb5.conf, "${relation} = ${text}" of ${realm} names no server.`,
      {
        hint: 'Write host, host:port or [address]:port: an IPv6 address needs its brackets, a comment a line of its own.',
      },
    );
  }
  return { host, port: Math.abs(Number(named)), ...(scheme && proxy) };
}

/** As strtoul(3) reads it, with nothing after the number. */
function isPort(text: string): boolean {
  return /^[ \t\n\v\f\r]*(\+?\d+|-0+)$/.test(text) && Number(text) <= 65_535;
}
