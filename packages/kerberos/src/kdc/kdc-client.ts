import type { Configuration } from '../configuration/configuration.ts';
import type { ServerAddress } from '../configuration/server-address.ts';
import { applicationNumber } from '../der/read.ts';
import { KerberosError, type KrbErrorReport, malformed } from '../errors/kerberos-error.ts';
import { readKrbError } from '../messages/krb-error.ts';
import { messageType } from '../messages/message-type.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { locate, type ResolveSrv } from './locate.ts';
import { checkedLimit, exchangeByTcp, exchangeByUdp, NotConnected, reason } from './transport.ts';

export interface KdcClientOptions {
  readonly configuration: Configuration;
  /** Time limit for each KDC's answer, `Infinity` for no limit; default 5000. */
  readonly timeoutMilliseconds?: number | undefined;
  /** Default `tcp`, because tickets of Active Directory are too big for UDP. UDP is used for a KDC that refuses TCP. */
  readonly transport?: 'tcp' | 'udp';
  /** SRV lookup for KDCs. Default: the resolver of this machine. */
  readonly resolveSrv?: ResolveSrv | undefined;
}

/** An answer and its sender. */
export interface KdcAnswer {
  readonly message: Buffer;
  /** For messages: `The KDC 10.0.0.1`. */
  readonly from: string;
  /** Set if the answer is a KRB-ERROR. */
  readonly error: KrbErrorReport | undefined;
}

const SVC_UNAVAILABLE = 29;
const RESPONSE_TOO_BIG = 52;

const beyondProxies =
  'Name a KDC itself in [realms] of krb5.conf, "kdc = host", and let this machine reach its port 88. Or obtain the service ticket with a client that supports the proxy.';

/** Asks the KDCs of a realm in turn until one gives a valid answer. Starts with the KDC that answered last time. */
export class KdcClient {
  readonly configuration: Configuration;
  readonly timeoutMilliseconds: number;
  readonly #transport: 'tcp' | 'udp';
  readonly #resolveSrv: ResolveSrv | undefined;
  readonly #lastGood = new Map<string, ServerAddress>();

  /** @throws RangeError for an invalid time limit */
  constructor({
    configuration,
    timeoutMilliseconds = 5000,
    transport = 'tcp',
    resolveSrv,
  }: KdcClientOptions) {
    this.configuration = configuration;
    this.timeoutMilliseconds = checkedLimit(timeoutMilliseconds);
    this.#transport = transport;
    this.#resolveSrv = resolveSrv;
  }

  /**
   * Sends a message to the KDCs of a realm.
   *
   * @throws KerberosError REALM_UNKNOWN, CONFIGURATION_INVALID, or KDC_UNREACHABLE with the failure of each KDC; the
   *   signal's reason
   */
  async ask(realm: string, message: Buffer, signal?: AbortSignal): Promise<KdcAnswer> {
    const failures: string[] = [];
    let noKdc: KerberosError | undefined;
    const servers = await unlessAborted(signal, this.#servers(realm));
    for (const server of servers) {
      try {
        const answer = await this.#askOne(server, message, signal);
        if (answer.error?.code === SVC_UNAVAILABLE) {
          failures.push(`${server.host}: not available at the moment`);
          continue;
        }
        this.#lastGood.set(realm, server);
        return answer;
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof KerberosError) noKdc ??= error;
        failures.push(`${server.host}: ${reason(error)}`);
      }
    }
    if (noKdc) throw noKdc;
    throw new KerberosError(
      'KDC_UNREACHABLE',
      `Cannot contact any KDC for realm ${realm} (${failures.join('; ')}).`,
      servers.every(({ unsupported }) => unsupported) ? { hint: beyondProxies } : {},
    );
  }

  /** The password-change servers of a realm. @throws KerberosError REALM_UNKNOWN, CONFIGURATION_INVALID */
  passwordServers(realm: string): Promise<readonly ServerAddress[]> {
    return locate(realm, 'password', this.configuration, this.#resolveSrv);
  }

  async #servers(realm: string): Promise<readonly ServerAddress[]> {
    const known = await locate(realm, 'kdc', this.configuration, this.#resolveSrv);
    const good = this.#lastGood.get(realm);
    const first = known.find(({ host, port }) => host === good?.host && port === good.port);
    return first ? [first, ...known.filter((server) => server !== first)] : known;
  }

  async #askOne(server: ServerAddress, message: Buffer, signal: AbortSignal | undefined): Promise<KdcAnswer> {
    const options = { timeoutMilliseconds: this.timeoutMilliseconds, signal };
    const byTcp = () => exchangeByTcp(server, message, options).then((answer) => kdcAnswer(server, answer));
    const byUdp = () => exchangeByUdp(server, message, options).then((answer) => kdcAnswer(server, answer));
    if (this.#transport === 'udp') {
      const answer = await byUdp();
      return answer.error?.code === RESPONSE_TOO_BIG ? byTcp() : answer;
    }
    try {
      return await byTcp();
    } catch (error) {
      if (error instanceof NotConnected && isRefusal(error.cause)) return byUdp();
      throw error;
    }
  }
}

/** @throws KerberosError MESSAGE_MALFORMED if it is not a message from a KDC, or an unreadable KRB-ERROR */
function kdcAnswer({ host }: ServerAddress, message: Buffer): KdcAnswer {
  const from = `The KDC ${host}`;
  const error = saidBy(from, () => {
    const number = applicationNumber(message);
    if (number === messageType.error) return readKrbError(message);
    if (number === messageType.asReply || number === messageType.tgsReply) return undefined;
    throw malformed('The answer is not a message from a KDC');
  });
  return { message, error, from };
}

/** Reads part of an answer. @throws KerberosError MESSAGE_MALFORMED that names the sender; other errors unchanged */
export function saidBy<T>(from: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof KerberosError) || error.code !== 'MESSAGE_MALFORMED') throw error;
    const text = `${from} sent an answer that is not valid Kerberos: ${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`;
    throw new KerberosError('MESSAGE_MALFORMED', text, { cause: error });
  }
}

function isRefusal(error: unknown): boolean {
  const causes = error instanceof AggregateError ? error.errors : [error];
  return causes.some((cause) => (cause as NodeJS.ErrnoException | undefined)?.code === 'ECONNREFUSED');
}
