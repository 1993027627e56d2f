import { isIPv6 } from 'node:net';

const host = /^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$/;

/**
 * Reads a list of domain controllers: host names and addresses with commas between, each with a port or without,
 * an IPv6 address with brackets or, where no port follows, without.
 * @returns each as krb5.conf(5) has it, `undefined` when the list has another form
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
