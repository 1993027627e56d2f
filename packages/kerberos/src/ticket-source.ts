import { stat } from 'node:fs/promises';
import type { Configuration } from './configuration/configuration.ts';
import { loadConfiguration } from './configuration/load-configuration.ts';
import { assertValidNow, type Credential } from './credential.ts';
import { type CachedCredential, type CredentialCache, usable } from './credential-cache/credential-cache.ts';
import { readCredentialCache } from './credential-cache/files.ts';
import { credentialCacheName, credentialCachePath } from './credential-cache/location.ts';
import { KerberosError } from './errors/kerberos-error.ts';
import { KdcClient } from './kdc/kdc-client.ts';
import { obtainServiceTicket } from './kdc/tgs-exchange.ts';
import {
  formatName,
  formatPrincipal,
  grantedRealm,
  type PrincipalName,
  parsePrincipal,
  sameName,
  samePrincipal,
} from './principal.ts';
import { unlessAborted } from './unless-aborted.ts';

export interface TicketSourceOptions {
  /** Default: `KRB5CCNAME`, or what the configuration names, or `/tmp/krb5cc_<uid>`; looked up at each use. */
  readonly cache?: string | undefined;
  /** Default: `KRB5_CONFIG`, or `/etc/krb5.conf`; read when it is needed. */
  readonly configuration?: Configuration | undefined;
  /** What each KDC has for its answer; default 5000. */
  readonly timeoutMilliseconds?: number | undefined;
}

export interface TicketOptions {
  /** Whose ticket, where the cache should be of a certain client. */
  readonly client?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A cache as it was at one time, and the tickets obtained with it since. */
interface Snapshot {
  readonly path: string;
  readonly cache: CredentialCache;
  readonly usable: Map<CachedCredential, Credential>;
  readonly obtained: Map<string, Promise<Credential>>;
}

/**
 * Tickets for services, out of a credential cache. A ticket that the cache holds is used without asking anybody; else one is
 * obtained with the cache's ticket-granting ticket and kept in memory until it ends or the cache is replaced. The cache
 * itself is only read, and looked at anew at each use.
 */
export class TicketSource {
  readonly #options: TicketSourceOptions;
  #snapshot:
    | { readonly path: string; readonly version: string; readonly read: Promise<Snapshot> }
    | undefined;
  #kdc: KdcClient | undefined;
  #configured: { environment: string; configuration: Configuration } | undefined;

  constructor(options: TicketSourceOptions = {}) {
    this.#options = options;
  }

  /**
   * A ticket for a service, valid now.
   *
   * @param service for example `MSSQLSvc/db.corp.example.com:1433`, with or without a realm
   * @throws KerberosError CREDENTIAL_CACHE_*, TICKET_MISSING, TICKET_EXPIRED, ENCRYPTION_TYPE_UNSUPPORTED, CONFIGURATION_*, and
   *   whatever `obtainServiceTicket` throws, with the cache and whose it is; the signal's reason
   */
  async ticketFor(service: string, options: TicketOptions = {}): Promise<Credential> {
    const snapshot = await this.#current();
    try {
      return await this.#ticket(snapshot, parsePrincipal(service, '?').name, options);
    } catch (error) {
      throw error instanceof KerberosError ? withCache(error, snapshot) : error;
    }
  }

  async #ticket(
    snapshot: Snapshot,
    wanted: PrincipalName,
    { client, signal }: TicketOptions,
  ): Promise<Credential> {
    const { cache } = snapshot;
    if (
      client !== undefined &&
      !samePrincipal(parsePrincipal(client, cache.principal.realm), cache.principal)
    ) {
      throw new KerberosError('TICKET_MISSING', `There is no ticket of ${client}.`);
    }
    const held = newest(cache.credentials.filter(({ server }) => sameName(server.name, wanted)));
    const granting = newest(cache.credentials.filter((ticket) => isTicketGranting(ticket, cache)));
    const now = Date.now() + cache.clockOffset;
    if (held && (held.endsAt.getTime() > now || !granting)) {
      const credential = this.#usable(snapshot, held);
      assertValidNow(credential);
      return credential;
    }
    if (!granting) {
      const others = cache.credentials.map(({ server }) => formatPrincipal(server)).join(', ');
      throw new KerberosError(
        'TICKET_MISSING',
        `No ticket for ${formatName(wanted)}; the credential cache holds ${others || 'no ticket'}.`,
      );
    }
    return this.#obtained(snapshot, this.#usable(snapshot, granting), wanted, signal);
  }

  /** The cache as it is now, and the file it is in. @throws KerberosError CREDENTIAL_CACHE_*, CONFIGURATION_* */
  async currentCache(): Promise<Pick<Snapshot, 'path' | 'cache'>> {
    const { path, cache } = await this.#current();
    return { path, cache };
  }

  /** What asks the KDCs for tickets. @throws KerberosError CONFIGURATION_* */
  async kdcClient(): Promise<KdcClient> {
    const configuration = await this.#configuration();
    if (this.#kdc?.configuration !== configuration) {
      this.#kdc = new KdcClient({ configuration, timeoutMilliseconds: this.#options.timeoutMilliseconds });
    }
    return this.#kdc as KdcClient;
  }

  /** Several callers at once ask the KDC once; each stops waiting by its own signal. */
  async #obtained(
    snapshot: Snapshot,
    ticketGrantingTicket: Credential,
    service: PrincipalName,
    signal: AbortSignal | undefined,
  ): Promise<Credential> {
    const name = formatName(service);
    while (true) {
      const pending = snapshot.obtained.get(name);
      const known = pending && (await unlessAborted(signal, pending));
      if (known && known.endsAt.getTime() > Date.now() + known.clockOffset) return known;
      // Somebody else may have found the same end of the ticket, and asked for the next.
      if (snapshot.obtained.get(name) !== pending) continue;
      assertValidNow(ticketGrantingTicket);
      const asked = this.kdcClient().then((kdc) =>
        obtainServiceTicket(kdc, { ticketGrantingTicket, service }),
      );
      snapshot.obtained.set(name, asked);
      asked.catch(() => snapshot.obtained.delete(name));
    }
  }

  /** The key's derived keys are kept with it, so each ticket is made ready once. */
  #usable(snapshot: Snapshot, cached: CachedCredential): Credential {
    const known = snapshot.usable.get(cached) ?? usable(cached, snapshot.cache.clockOffset);
    snapshot.usable.set(cached, known);
    return known;
  }

  /** The cache as it is now, read once for all callers. */
  async #current(): Promise<Snapshot> {
    const path = await credentialCachePath(await this.#cacheName());
    const found = await stat(path, { bigint: true }).catch(() => undefined);
    // Tells one content of the file from the next.
    const version = found ? [found.dev, found.ino, found.mtimeNs, found.ctimeNs, found.size].join(' ') : '';
    const known = this.#snapshot;
    if (known?.path === path && known.version === version) return known.read;
    const read = readCredentialCache(path).then(
      (cache): Snapshot => ({ path, cache, usable: new Map(), obtained: new Map() }),
    );
    const next = { path, version, read };
    this.#snapshot = next;
    read.catch(() => {
      if (this.#snapshot === next) this.#snapshot = undefined;
    });
    return read;
  }

  async #cacheName(): Promise<string> {
    if (this.#options.cache) return this.#options.cache;
    if (process.env.KRB5CCNAME) return process.env.KRB5CCNAME;
    return credentialCacheName((await this.#configuration()).defaultCredentialCacheName);
  }

  async #configuration(): Promise<Configuration> {
    if (this.#options.configuration) return this.#options.configuration;
    const environment = process.env.KRB5_CONFIG ?? '';
    if (this.#configured?.environment !== environment) {
      this.#configured = { environment, configuration: await loadConfiguration() };
    }
    return this.#configured.configuration;
  }
}

/** Who reads it must know whose tickets were used, and from where: there may be several caches. */
function withCache(error: KerberosError, { path, cache }: Snapshot): KerberosError {
  const { code, message, hint, report } = error;
  const text = `${message} The credential cache ${path} is of ${formatPrincipal(cache.principal)}.`;
  return new KerberosError(code, text, { cause: error, hint, ...(report && { report }) });
}

/** The ticket that the client logged in for: of its own realm. */
function isTicketGranting({ server }: CachedCredential, { principal }: CredentialCache): boolean {
  const realm = grantedRealm(server.name);
  return realm?.equals(principal.realm) === true;
}

function newest(credentials: readonly CachedCredential[]): CachedCredential | undefined {
  return credentials.reduce<CachedCredential | undefined>(
    (best, next) => (best && best.endsAt >= next.endsAt ? best : next),
    undefined,
  );
}
