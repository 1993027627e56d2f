import { hostname, networkInterfaces } from 'node:os';
import {
  configurationFrom,
  KdcClient,
  type Configuration as Krb5Conf,
  parsePrincipal,
} from 'kerberos-client';
import { examineName, examineServer, passed, skipped } from 'tedious-kerberos/doctor';
import type { Finding } from 'tedious-kerberos/doctor/report';
import type { Configuration } from '../configuration.ts';
import type { AttemptBudget } from '../credentials/attempt-budget.ts';
import type { CredentialsSource } from '../credentials/credentials-source.ts';
import { asTicketFailure } from '../failures/classify.ts';
import { renderKrb5Conf } from '../kerberos/krb5-conf.ts';
import type { Log } from '../signals/log.ts';
import { examinePassword, MemoryTickets } from './account-checks.ts';
import { type Clock, examineClocks, probeControllers } from './controller-checks.ts';
import { examineRights, examineTime, rightsQuestion } from './database-checks.ts';
import { problem } from './findings.ts';
import { type Controller, examineNameServers, findControllers } from './name-checks.ts';
import { readSettings, type ServerSettings } from './settings.ts';

export interface ServiceExamination {
  readonly environment: NodeJS.ProcessEnv;
  readonly credentialsOf: (configuration: Configuration) => CredentialsSource;
  readonly budgetOf: (configuration: Configuration) => AttemptBudget;
  /** Receives what is examined, under names for people. */
  readonly tell: (facts: Readonly<Record<string, string>>) => void;
  readonly log: Log;
  /** The limit for each step that waits for an answer. */
  readonly timeoutMilliseconds: number;
  readonly signal: AbortSignal;
}

/** The checks after the settings; without valid settings all of them are skipped. */
const later = [
  ...['secret', 'directory-name', 'server-name', 'name-servers', 'controller', 'clock', 'password', 'ticket'],
  ...['encryption-type', 'port', 'tls-name', 'tls-authority', 'tls-version', 'login', 'database'],
  ...['channel-binding', 'rights', 'first-answer'],
];

/**
 * Follows the service's whole path, from the names of the directory to the first answer of the database, and reports on
 * each step. Steps that do not depend on a failed one still run. Signs in once or twice within the budget of refusals,
 * logs in to SQL Server once or twice, and changes nothing.
 */
export async function* examineService(examination: ServiceExamination): AsyncGenerator<Finding, void> {
  const { environment, tell, log, timeoutMilliseconds, signal } = examination;
  const { findings, read } = readSettings(environment);
  yield* findings;
  if (!read) {
    for (const check of later) yield skipped(check, 'Needs the settings.');
    return;
  }
  const { service, server, hasSecret } = read;
  const credentials = examination.credentialsOf(service);
  const secret = hasSecret ? await examineSecret(credentials, signal) : undefined;
  if (secret) yield secret.finding;
  else if (!findings.some(({ check }) => check === 'secret')) yield skipped('secret', 'Needs the settings.');
  const username = secret?.username;
  tell(factsOf(service, server, username));

  const isForeign = service.server.realm !== service.realm;
  const own = await findControllers('directory-name', service.domain, service.kdcs);
  yield* own.findings;
  const trusted = isForeign
    ? await findControllers('trusted-name', service.server.realm.toLowerCase(), service.serverKdcs)
    : undefined;
  if (trusted) yield* trusted.findings;
  const name = { ...(await examineName(server.host)), check: 'server-name' };
  yield name;
  const found = [...own.controllers, ...(trusted?.controllers ?? [])];
  const isKnown = service.kdcs.length > 0 && (!isForeign || service.serverKdcs.length > 0);
  const isResolved = found.length > 0 && name.status === 'passed';
  yield await examineNameServers('name-servers', service.domain, !(isKnown && isResolved));

  const probe = (check: string, realm: string, controllers: readonly Controller[]) =>
    probeControllers({
      ...{ check, controllers, timeoutMilliseconds },
      client: parsePrincipal(`${username?.replace(/[\\/@]/g, '\\$&') ?? 'nobody'}@${realm}`),
      configurationFor: (controller) =>
        configurationFrom(
          renderKrb5Conf({
            ...service,
            ...{ realm, kdcs: [text(controller)], server: { host: server.host, realm }, serverKdcs: [] },
          }),
        ),
    });
  const { good, clocks } = yield* controllersOf('controller', service.realm, own.controllers);
  const theirs = trusted
    ? yield* controllersOf('trusted-controller', service.server.realm, trusted.controllers)
    : { good: [], clocks: [] };
  tell({ 'domain controllers': own.controllers.map(text).join(', ') || 'none found' });
  yield examineClocks('clock', [...clocks, ...theirs.clocks]);

  const configuration: Krb5Conf = configurationFrom(
    renderKrb5Conf({
      ...service,
      kdcs: (good.length > 0 ? good : own.controllers).map(text),
      serverKdcs: (theirs.good.length > 0 ? theirs.good : (trusted?.controllers ?? [])).map(text),
    }),
  );
  const kdc = new KdcClient({ configuration, timeoutMilliseconds });
  const password =
    good.length === 0 || !secret?.username
      ? {
          finding: skipped(
            'password',
            good.length === 0 ? 'Needs a domain controller.' : 'Needs the secret.',
          ),
        }
      : await examinePassword({
          ...{ check: 'password', credentials, kdc, realm: service.realm, log, signal },
          budget: examination.budgetOf(service),
        });
  yield password.finding;

  const tickets = new MemoryTickets(kdc, password.ticket);
  const attempt = yield* examineServer({
    connection: {
      server: server.host,
      tls: { name: server.tlsName, ...(server.authorities && { ca: server.authorities }) },
      options: {
        ...{ port: server.port, database: server.database, encrypt: true, appName: 'doctor' },
        multiSubnetFailover: server.multiSubnetFailover,
        ...{ connectTimeout: timeoutMilliseconds, requestTimeout: timeoutMilliseconds },
      },
    },
    ...{ spn: service.server.spn, channelBinding: true, timeoutMilliseconds, tickets },
    ...{
      cache: tickets.cache,
      ticketNeeds: 'the sign-in',
      isNamed: name.status !== 'failed',
      question: rightsQuestion(server.roles),
    },
  });
  yield examineRights('rights', attempt);
  yield examineTime('first-answer', attempt);

  async function* controllersOf(
    check: string,
    realm: string,
    controllers: readonly Controller[],
  ): AsyncGenerator<Finding, { good: readonly Controller[]; clocks: readonly Clock[] }> {
    if (controllers.length === 0) yield skipped(check, 'Needs the names of the domain controllers.');
    const probed = await probe(check, realm, controllers);
    yield* probed.findings;
    return probed;
  }
}

/** Checks that the secret can be read, and returns its user name. */
async function examineSecret(
  credentials: CredentialsSource,
  signal: AbortSignal,
): Promise<{ readonly finding: Finding; readonly username?: string }> {
  try {
    for await (const { username, origin, changedAt } of credentials.candidates(signal)) {
      const age = changedAt ? `, its password set at ${changedAt.toISOString()}` : '';
      return {
        finding: passed('secret', `The secret (${origin}) belongs to the account ${username}${age}.`),
        username,
      };
    }
    return { finding: problem('secret', 'SECRET_UNAVAILABLE', 'The secret has no version that is current.') };
  } catch (error) {
    signal.throwIfAborted();
    const { code, detail } = asTicketFailure(error);
    const kind = code === 'secret-malformed' ? 'SECRET_INVALID' : 'SECRET_UNAVAILABLE';
    return { finding: problem('secret', kind, detail) };
  }
}

/** Formats a controller as krb5.conf(5) does. */
function text({ host, port }: Controller): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function factsOf(service: Configuration, server: ServerSettings, username: string | undefined) {
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal }) => !internal)
    .map(({ address }) => address);
  return {
    'examined at': new Date().toISOString(),
    from: `${hostname()} (${addresses.join(', ') || 'no address but loopback'})`,
    directory: service.domain,
    account: username ? `${username}@${service.realm}` : 'unknown',
    'SQL Server': `${server.host}:${server.port}`,
    'its name in the directory': service.server.principal,
    'its name in TLS': server.tlsName,
    database: server.database,
  };
}
