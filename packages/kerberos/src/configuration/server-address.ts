import { KerberosError } from '../errors/kerberos-error.ts';

/** Where a server listens. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  /** Of a server that this client cannot ask: why not. */
  readonly unsupported?: string;
}

/** MS-KKDCP: Kerberos inside of HTTPS. */
const proxy = { unsupported: 'this is a KDC proxy (https://), which this client does not know to ask' };

/**
 * Reads `host`, `host:port`, `[address]:port` or `https://host:port/path` as MIT Kerberos does: what follows a blank or
 * the bracket does not count. A `tcp/` or `udp/` before it, which Heimdal has, is let be.
 *
 * @param relation what it is the value of: `kdc`
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

/** As strtoul(3) reads it, whole. */
function isPort(text: string): boolean {
  return /^[ \t\n\v\f\r]*(\+?\d+|-0+)$/.test(text) && Number(text) <= 65_535;
}
