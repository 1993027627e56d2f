import { isIP } from 'node:net';
import { TicketSource } from 'kerberos-client';
import type { Authenticator, LoginTarget } from '../authenticator.ts';
import type { ConnectionConfig } from '../connection.ts';
import { KerberosSession } from '../kerberos/kerberos-session.ts';
import { normalServicePrincipalName, servicePrincipalName } from '../service-principal-name.ts';
import { type Attempt, attemptLogin, bindableOptions } from './attempt-login.ts';
import { type Check, type CheckName, failed, skipped } from './check.ts';
import { examineCache, examineClock, examinePrincipal, examineTicket } from './kerberos-checks.ts';
import { examineBinding, examineLogin, examineTls } from './login-checks.ts';
import { examineName, examinePort } from './server-checks.ts';

export interface Examination {
  readonly connection: ConnectionConfig & { readonly options: { readonly port: number } };
  readonly spn?: string | undefined;
  readonly ccache?: string | undefined;
  readonly channelBinding: boolean;
  /** What each step that waits for somebody has. */
  readonly timeoutMilliseconds: number;
}

/**
 * Goes through everything that a login needs, one after the other, and tells of each whether it is there. What does not
 * depend on a failure is looked at all the same. Changes nothing; a login that is refused is in the server's log.
 */
export async function* examine(examination: Examination): AsyncGenerator<Check, void> {
  const { connection, timeoutMilliseconds, ccache, channelBinding } = examination;
  const { server, options } = connection;
  const limit = () => AbortSignal.timeout(timeoutMilliseconds);
  const tickets = new TicketSource({ cache: ccache, timeoutMilliseconds });

  const { check, cache } = await examineCache(tickets);
  yield check;
  yield cache ? examinePrincipal(cache) : skipped('principal', 'Needs the cache.');
  yield cache ? await examineClock(tickets, cache, limit()) : skipped('clock', 'Needs the cache.');

  const name = await examineName(server);
  yield name;
  const port =
    name.status === 'failed'
      ? skipped('port', 'Needs the name.')
      : await examinePort(server, options.port, timeoutMilliseconds);
  yield port;

  const reachable = port.status === 'passed';
  const serviceOf = (target: LoginTarget) =>
    normalServicePrincipalName(examination.spn ?? servicePrincipalName(target));
  const attempt = (binding: boolean, limited = options): Promise<Attempt> => {
    const authenticator: Authenticator = {
      begin: (target) =>
        new KerberosSession({
          ...{ target, spn: serviceOf(target), principal: undefined, tickets, channelBinding: binding },
        }),
    };
    return attemptLogin({ ...connection, authenticator, options: limited });
  };
  const unnamed = examination.spn === undefined && isIP(server) !== 0;
  const attempted = reachable && !unnamed ? await attempt(channelBinding) : undefined;

  const needs = unnamed ? 'Needs --spn.' : 'Needs the port.';
  const all = (names: readonly CheckName[]) => names.map((missing) => skipped(missing, needs));
  yield* attempted ? examineTls(attempted, connection) : all(['tls-name', 'tls-authority', 'tls-version']);

  const target = { host: server, port: options.port };
  if (unnamed) {
    const detail = `Kerberos needs a name, and ${server} is an address: give the name, or --spn.`;
    yield failed('ticket', 'SPN_UNKNOWN', detail);
    yield skipped('encryption-type', 'Needs the ticket.');
  } else if (cache) {
    yield* examineTicket(tickets, cache, { target, spn: serviceOf(target) }, limit());
  } else {
    yield skipped('ticket', 'Needs the cache.');
    yield skipped('encryption-type', 'Needs the ticket.');
  }

  if (!attempted) {
    yield* all(['login', 'database', 'channel-binding']);
    return;
  }
  yield* examineLogin(attempted, connection);
  yield examineBinding(attempted, await boundInstead(attempted), channelBinding);

  /** The login was refused as one without a binding is, and had none: is it that? */
  async function boundInstead({ error, channel }: Attempt): Promise<Attempt | undefined> {
    const bound = channelBinding && channel?.bindable;
    if (error?.code !== 'UNTRUSTED_DOMAIN' || !channel || bound) return undefined;
    return attempt(true, { ...bindableOptions(options), port: options.port });
  }
}
