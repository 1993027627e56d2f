import {
  type Credential,
  type CredentialCache,
  cacheable,
  formatPrincipal,
  type KdcClient,
  KerberosError,
  obtainInitialTicket,
  obtainServiceTicket,
  parsePrincipal,
} from 'kerberos-client';
import { passed } from 'tedious-kerberos/doctor';
import type { Finding, Team } from 'tedious-kerberos/doctor/report';
import type { AttemptBudget } from '../credentials/attempt-budget.ts';
import type { CredentialsSource } from '../credentials/credentials-source.ts';
import { TicketFailure } from '../failures/ticket-failure.ts';
import type { Log } from '../signals/log.ts';
import { signIn } from '../ticket/sign-in.ts';
import { problem } from './findings.ts';

export interface PasswordOptions {
  readonly check: string;
  readonly credentials: CredentialsSource;
  readonly budget: AttemptBudget;
  readonly kdc: KdcClient;
  readonly realm: string;
  /** Logs refusals, so that counts of the service's refused passwords include them. */
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** The team that can fix each Kerberos error; errors not listed are for the directory's administrators. */
const askedFor: Readonly<Record<string, Team>> = { KDC_UNREACHABLE: 'network' };

/**
 * Signs in as the sidecar does: tries the secret's passwords in order, as far as the budget of refusals allows.
 *
 * @returns the finding, and the ticket-granting ticket if there is one
 */
export async function examinePassword(
  options: PasswordOptions,
): Promise<{ readonly finding: Finding; readonly ticket?: Credential }> {
  const { check, credentials, budget, kdc, realm, log, signal } = options;
  let ticket: Credential | undefined;
  let refusal: KerberosError | undefined;
  let notes: Readonly<Record<string, unknown>> = {};
  let tried = false;
  const obtainTgt = async (username: string, password: string) => {
    tried = true;
    const client = parsePrincipal(`${escaped(username)}@${realm}`);
    try {
      ticket = await obtainInitialTicket(kdc, { client, password, signal });
      return undefined;
    } catch (error) {
      if (!(error instanceof KerberosError)) throw error;
      refusal = error;
      if (error.code === 'KDC_ERR_PREAUTH_FAILED') throw new TicketFailure('password-refused', error.message);
      throw error;
    }
  };
  try {
    await signIn(
      {
        ...{
          credentials,
          budget,
          tools: { obtainTgt },
          now: () => new Date(),
          awaitFirstTry: async () => {},
        },
        log(event, fields = {}) {
          if (event === 'tgt.obtained') notes = fields;
          if (event === 'password.refused' || event === 'tgt.obtained') log(event, fields);
        },
      },
      signal,
      {},
    );
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TicketFailure && error.code === 'password-refused') {
      const code = tried ? 'PASSWORD_REFUSED' : 'PASSWORD_WITHHELD';
      return { finding: problem(check, code, `${error.detail}.`) };
    }
    if (refusal) return { finding: refused(check, refusal) };
    if (error instanceof TicketFailure) {
      return { finding: problem(check, 'SECRET_UNAVAILABLE', error.message) };
    }
    throw error;
  }
  if (!ticket) throw new Error('There is neither a ticket nor a refusal.');
  const { key, origin } = notes;
  const until = ticket.endsAt.toISOString();
  const detail = `${formatPrincipal(ticket.client)} signs in, until ${until}, with "${key}" of the secret (${origin}).`;
  return { finding: passed(check, detail), ticket };
}

function refused(check: string, { code, message, hint }: KerberosError): Finding {
  const ask = askedFor[code] ?? 'directory';
  return { check, status: 'failed', code, detail: message, remedy: hint, ask };
}

/** Escapes the characters that have a meaning in a principal's name. */
function escaped(username: string): string {
  return username.replace(/[\\/@]/g, '\\$&');
}

/** Holds tickets in memory only, so that they end with the process. */
export class MemoryTickets {
  readonly #kdc: KdcClient;
  readonly #granting: Credential | undefined;
  readonly #obtained = new Map<string, Promise<Credential>>();

  constructor(kdc: KdcClient, granting: Credential | undefined) {
    this.#kdc = kdc;
    this.#granting = granting;
  }

  get cache(): CredentialCache | undefined {
    const granting = this.#granting;
    return (
      granting && {
        principal: granting.client,
        credentials: [cacheable(granting)],
        clockOffset: granting.clockOffset,
      }
    );
  }

  async kdcClient(): Promise<KdcClient> {
    return this.#kdc;
  }

  /** @throws KerberosError TICKET_MISSING without a sign-in; also the errors of `obtainServiceTicket` */
  async ticketFor(service: string, { signal }: { readonly signal?: AbortSignal | undefined } = {}) {
    const granting = this.#granting;
    if (!granting) throw new KerberosError('TICKET_MISSING', 'Nobody has signed in.');
    const name = parsePrincipal(service, '?').name;
    const known = this.#obtained.get(service);
    if (known) return known;
    const asked = obtainServiceTicket(this.#kdc, { ticketGrantingTicket: granting, service: name, signal });
    this.#obtained.set(service, asked);
    asked.catch(() => this.#obtained.delete(service));
    return asked;
  }
}
