import { isIPv6 } from 'node:net';

const host = /^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$/;

/**
 * Parses a comma-separated list of domain controllers: host names or addresses, each with an optional port. An IPv6
 * address needs brackets only if a port follows.
 * @returns each in the form of krb5.conf(5), or `undefined` if the list is malformed
 */
export function parseKdcList(text: string): readonly string[] | undefined {
  const kdcs = text.split(',').map((kdc) => parseKdc(kdc.trim()));
  return kdcs.includes(undefined) ? undefined : (kdcs as string[]);
}

function parseKdc(text: string): string | undefined {
  if (isIPv6(text)) {
    return `[${text}]`;
  }
  const {
    name = '',
    address,
    port,
  } = /^(\[(?<address>.*)\]|(?<name>[^:]*))(:(?<port>\d+))?$/.exec(text)?.groups ?? {};
  const isHost = address === undefined ? host.test(name) : isIPv6(address);
  const isPort = port === undefined || (Number(port) >= 1 && Number(port) <= 65_535);
  return isHost && isPort ? text : undefined;
}
