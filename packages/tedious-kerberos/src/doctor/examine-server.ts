import { isIP } from 'node:net';
import type { CredentialCache } from 'kerberos-client';
import type { Authenticator, LoginTarget } from '../authenticator.ts';
import type { ConnectionConfig } from '../connection.ts';
import { KerberosSession } from '../kerberos/kerberos-session.ts';
import type { Tickets } from '../kerberos/tickets.ts';
import { normalServicePrincipalName, servicePrincipalName } from '../service-principal-name.ts';
import { type Attempt, attemptLogin, bindableOptions } from './attempt-login.ts';
import { type Check, type CheckName, failed, skipped } from './check.ts';
import { examineTicket } from './kerberos-checks.ts';
import { examineBinding, examineLogin, examineTls } from './login-checks.ts';
import { examinePort } from './server-checks.ts';

export interface ServerExamination {
  readonly connection: ConnectionConfig & { readonly options: { readonly port: number } };
  readonly spn?: string | undefined;
  readonly channelBinding: boolean;
  /** Time limit for each step that waits. */
  readonly timeoutMilliseconds: number;
  readonly tickets: Tickets;
  /** The credential cache that `tickets` reads; undefined if there is none. */
  readonly cache: CredentialCache | undefined;
  /** What is missing without a cache, as the finding says it; default: the cache. */
  readonly ticketNeeds?: string | undefined;
  /** Whether the server's name resolves. */
  readonly isNamed: boolean;
  /** An additional query to run after the login; its answer is in the attempt. */
  readonly question?: string | undefined;
}

/**
 * The checks that concern one server: ticket, port, TLS and login.
 *
 * @returns the login attempt; undefined if there was none
 */
export async function* examineServer(
  examination: ServerExamination,
): AsyncGenerator<Check, Attempt | undefined> {
  const { connection, timeoutMilliseconds, channelBinding, tickets, cache, isNamed, question } = examination;
  const { ticketNeeds = 'the cache' } = examination;
  const { server, options } = connection;
  const target = { host: server, port: options.port };
  const isUnnamed = examination.spn === undefined && isIP(server) !== 0;
  const serviceOf = (to: LoginTarget) =>
    normalServicePrincipalName(examination.spn ?? servicePrincipalName(to));

  if (isUnnamed) {
    const detail = `Kerberos needs a name, and ${server} is an address: give the name, or --spn.`;
    yield failed('ticket', 'SPN_UNKNOWN', detail);
    yield skipped('encryption-type', 'Needs the ticket.');
  } else if (cache) {
    const limit = AbortSignal.timeout(timeoutMilliseconds);
    yield* examineTicket(tickets, cache, { target, spn: serviceOf(target) }, limit);
  } else {
    yield skipped('ticket', `Needs ${ticketNeeds}.`);
    yield skipped('encryption-type', 'Needs the ticket.');
  }

  const port = isNamed
    ? await examinePort(server, options.port, timeoutMilliseconds)
    : skipped('port', 'Needs the name.');
  yield port;
  if (isUnnamed || port.status !== 'passed') {
    const needs = isUnnamed ? 'Needs --spn.' : 'Needs the port.';
    for (const missing of afterThePort) yield skipped(missing, needs);
    return undefined;
  }

  const attempt = (binding: boolean, limited = options): Promise<Attempt> => {
    const authenticator: Authenticator = {
      begin: (to) =>
        new KerberosSession({
          ...{ target: to, spn: serviceOf(to), principal: undefined, tickets, channelBinding: binding },
        }),
    };
    return attemptLogin({ ...connection, authenticator, options: limited }, question);
  };
  const attempted = await attempt(channelBinding);
  yield* examineTls(attempted, connection);
  yield* examineLogin(attempted, connection);
  yield examineBinding(attempted, await boundInstead(attempted), channelBinding);
  return attempted;

  /** An unbound login was refused with the error that a missing binding would give: tries again with a binding. */
  async function boundInstead({ error, channel }: Attempt): Promise<Attempt | undefined> {
    const bound = channelBinding && channel?.bindable;
    if (error?.code !== 'UNTRUSTED_DOMAIN' || !channel || bound) return undefined;
    return attempt(true, { ...bindableOptions(options), port: options.port });
  }
}

const afterThePort: readonly CheckName[] = [
  ...(['tls-name', 'tls-authority', 'tls-version', 'login', 'database', 'channel-binding'] as const),
];
