import { getServers } from 'node:dns';
import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { passed, skipped } from 'tedious-kerberos/doctor';
import type { Finding } from 'tedious-kerberos/doctor/report';
import { concern, problem } from './findings.ts';

/** A domain controller as named in krb5.conf(5), and its addresses. */
export interface Controller {
  readonly host: string;
  readonly port: number;
  readonly addresses: readonly string[];
}

/** How long to wait for a name server's answer, in milliseconds, and how often to ask. */
const patience = { timeout: 2000, tries: 2 };
/** Answers that say "I cannot tell" (RFC 1035, section 4.1.1). */
const failing = new Set(['ESERVFAIL', 'EREFUSED', 'ENOTIMP', 'EFORMERR']);
/** Answers that say "there is none" and not "I do not know". */
const nobody = new Set(['ENOTFOUND', 'ENODATA', 'NXDOMAIN']);

/** Finds a domain's controllers and resolves their names. */
export async function findControllers(
  check: string,
  domain: string,
  listed: readonly string[],
): Promise<{ readonly findings: readonly Finding[]; readonly controllers: readonly Controller[] }> {
  const named = listed.length > 0 ? listed.map(parseListed) : await fromDns(domain);
  if (named instanceof Error) {
    const { code = '' } = named as NodeJS.ErrnoException;
    const record = `_kerberos._tcp.${domain}`;
    const detail = nobody.has(code)
      ? `DNS has no record ${record}, by which the domain controllers of ${domain} are found (${code}).`
      : `DNS gives no answer for ${record}: ${named.message}.`;
    const kind = nobody.has(code) ? 'DIRECTORY_NOT_FOUND' : problemOf(code);
    return { findings: [problem(check, kind, detail)], controllers: [] };
  }
  const found = await Promise.all(named.map(withAddresses));
  const controllers = found.filter((controller): controller is Controller => !(controller instanceof Error));
  const lost = found.filter((controller): controller is Error => controller instanceof Error);
  const tell = controllers.length > 0 ? concern : problem;
  const how = listed.length > 0 ? 'as the configuration lists them' : 'as DNS names them';
  const list = controllers.map(
    ({ host, addresses }) => `${host}${addresses[0] === host ? '' : ` (${addresses.join(', ')})`}`,
  );
  return {
    controllers,
    findings: [
      ...(controllers.length > 0
        ? [passed(check, `Domain controllers of ${domain}, ${how}: ${list.join(', ')}.`)]
        : []),
      ...lost.map(({ message }) => tell(check, 'CONTROLLER_NOT_FOUND', message)),
    ],
  };
}

/** Checks that each of this machine's name servers answers a query about the domain. */
export async function examineNameServers(check: string, domain: string, isNeeded: boolean): Promise<Finding> {
  const servers = getServers();
  if (servers.length === 0) return problem(check, 'NAME_SERVER_SILENT', 'This machine has no name server.');
  const outcomes = await Promise.all(servers.map((server) => asked(server, domain)));
  const silent = outcomes.filter(({ fault }) => fault);
  const answering = outcomes.filter(({ fault }) => !fault).map(({ server }) => server);
  const faults = silent.map(({ server, fault }) => `${server}: ${fault}`).join('; ');
  if (silent.length === 0) return passed(check, `Port 53 answers: ${answering.join(', ')}.`);
  if (!isNeeded) return skipped(check, `No name depends on it here. ${faults}.`);
  const others = answering.length > 0 ? ` Others answer: ${answering.join(', ')}.` : '';
  const tell = answering.length > 0 ? concern : problem;
  const kinds = new Set(silent.map(({ fault = '' }) => problemOf(fault)));
  const kind = kinds.has('NAME_SERVER_SILENT') ? 'NAME_SERVER_SILENT' : 'NAME_SERVER_FAILS';
  return tell(check, kind, `No useful answer from port 53 of ${faults}.${others}`);
}

function problemOf(code: string): 'NAME_SERVER_SILENT' | 'NAME_SERVER_FAILS' {
  return failing.has(code) ? 'NAME_SERVER_FAILS' : 'NAME_SERVER_SILENT';
}

async function asked(server: string, domain: string): Promise<{ server: string; fault?: string }> {
  const resolver = new Resolver(patience);
  resolver.setServers([server]);
  try {
    await resolver.resolveSrv(`_kerberos._tcp.${domain}`);
    return { server };
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    return nobody.has(code) ? { server } : { server, fault: `${code || message}` };
  }
}

/** `host`, `host:port`, `[::1]:port`. */
function parseListed(text: string): { host: string; port: number } {
  const [, bracketed, plain = '', port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text) ?? [];
  return { host: bracketed ?? plain, port: port ? Number(port) : 88 };
}

async function fromDns(domain: string): Promise<{ host: string; port: number }[] | Error> {
  try {
    const records = await new Resolver(patience).resolveSrv(`_kerberos._tcp.${domain}`);
    const offered = records.filter(({ name }) => name !== '' && name !== '.');
    return offered.length > 0
      ? offered.map(({ name, port }) => ({ host: name, port }))
      : Object.assign(new Error('DNS says that there is none'), { code: 'ENODATA' });
  } catch (error) {
    return error as Error;
  }
}

async function withAddresses({ host, port }: { host: string; port: number }): Promise<Controller | Error> {
  if (isIP(host)) return { host, port, addresses: [host] };
  try {
    const addresses = await lookup(host, { all: true });
    return { host, port, addresses: addresses.map(({ address }) => address) };
  } catch (error) {
    return new Error(
      `The name of the domain controller ${host} does not resolve: ${(error as Error).message}.`,
    );
  }
}
