import { stat } from 'node:fs/promises';
import { type Configuration, configurationOf } from './configuration/configuration.ts';
import { loadSections } from './configuration/load-configuration.ts';
import { assertValidNow, type Credential, clockSkew } from './credential.ts';
import { clientsCachePath, isOf } from './credential-cache/collection.ts';
import { type CachedCredential, type CredentialCache, usable } from './credential-cache/credential-cache.ts';
import { readCredentialCache } from './credential-cache/files.ts';
import { credentialCacheName } from './credential-cache/location.ts';
import { encryptionType } from './crypto/encryption-type.ts';
import { KerberosError } from './errors/kerberos-error.ts';
import { KdcClient } from './kdc/kdc-client.ts';
import { obtainServiceTicket } from './kdc/tgs-exchange.ts';
import { checkedLimit } from './kdc/transport.ts';
import {
  formatName,
  formatPrincipal,
  grantedRealm,
  type Principal,
  parsePrincipal,
  sameButForCase,
  sameName,
} from './principal.ts';
import { unlessAborted } from './unless-aborted.ts';

export interface TicketSourceOptions {
  /** Default: `KRB5CCNAME`, or the name in the configuration, or `/tmp/krb5cc_<uid>`; determined at each use. */
  readonly cache?: string | undefined;
  /** Default: `KRB5_CONFIG`, or `/etc/krb5.conf`; read again whenever it is needed. */
  readonly configuration?: Configuration | undefined;
  /** Time limit for each KDC's answer, `Infinity` for no limit; default 5000. */
  readonly timeoutMilliseconds?: number | undefined;
}

export interface TicketOptions {
  /**
   * The ticket's client, with or without a realm; selects its cache in a collection (`DIR:`). Default: the client of
   * the cache, or of the primary cache of a collection.
   */
  readonly client?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The contents of a cache at one time, and the tickets obtained with it since. */
interface Snapshot {
  readonly path: string;
  readonly cache: CredentialCache;
  readonly usable: Map<CachedCredential, Credential>;
  readonly obtained: Map<string, Promise<Credential>>;
}

/**
 * Provides service tickets from a credential cache. A ticket in the cache is used without contacting a KDC. Any other
 * is obtained with the cache's ticket-granting ticket and kept in memory until it ends or the cache is replaced. The
 * cache itself is never written, and is checked for changes at each use.
 */
export class TicketSource {
  readonly #options: TicketSourceOptions;
  /** By path; a collection has several. */
  readonly #snapshots = new Map<string, { readonly version: string; readonly read: Promise<Snapshot> }>();
  #kdc: KdcClient | undefined;
  #configured: { readonly text: string; readonly configuration: Configuration } | undefined;

  /** @throws RangeError for an invalid time limit */
  constructor(options: TicketSourceOptions = {}) {
    if (options.timeoutMilliseconds !== undefined) checkedLimit(options.timeoutMilliseconds);
    this.#options = options;
  }

  /**
   * Returns a ticket for a service that is valid now.
   *
   * @param service for example `MSSQLSvc/db.corp.example.com:1433`, with or without a realm
   * @throws KerberosError CREDENTIAL_CACHE_*, TICKET_MISSING, TICKET_EXPIRED, ENCRYPTION_TYPE_UNSUPPORTED,
   *   CONFIGURATION_*, and the errors of `obtainServiceTicket`, with the cache and its client; the signal's reason
   */
  async ticketFor(service: string, options: TicketOptions = {}): Promise<Credential> {
    const snapshot = await this.#current(options.client);
    try {
      return await this.#ticket(snapshot, parsePrincipal(service, anyRealm), options);
    } catch (error) {
      throw error instanceof KerberosError ? withCache(error, snapshot) : error;
    }
  }

  async #ticket(
    snapshot: Snapshot,
    wanted: Principal,
    { client, signal }: TicketOptions,
  ): Promise<Credential> {
    const { cache } = snapshot;
    const own = cache.credentials.filter((ticket) => isOwn(ticket, cache));
    if (client !== undefined && !isOf(cache.principal, client)) {
      throw new KerberosError('TICKET_MISSING', `There is no ticket of ${client}.`);
    }
    const now = Date.now() + cache.clockOffset;
    const held = best(
      own.filter(({ server }) => isFor(server, wanted)),
      now,
    );
    const granting = best(
      own.filter((ticket) => isTicketGranting(ticket, cache)),
      now,
    );
    if (held && (isGood(held, now) || !granting)) {
      const credential = this.#usable(snapshot, held);
      assertValidNow(credential);
      return credential;
    }
    if (!granting) {
      const others = own.map(({ server }) => formatPrincipal(server)).join(', ');
      throw new KerberosError(
        'TICKET_MISSING',
        `No ticket for ${asked(wanted)}; the credential cache holds ${others || 'no ticket'}.`,
      );
    }
    return this.#obtained(snapshot, this.#usable(snapshot, granting), wanted, signal);
  }

  /**
   * The current contents of the cache and the path of its file. @throws KerberosError CREDENTIAL_CACHE_*,
   * CONFIGURATION_*
   */
  async currentCache(): Promise<Pick<Snapshot, 'path' | 'cache'>> {
    const { path, cache } = await this.#current();
    return { path, cache };
  }

  /** The client for requests to KDCs. @throws KerberosError CONFIGURATION_* */
  async kdcClient(): Promise<KdcClient> {
    const configuration = await this.#configuration();
    if (this.#kdc?.configuration !== configuration) {
      this.#kdc = new KdcClient({ configuration, timeoutMilliseconds: this.#options.timeoutMilliseconds });
    }
    return this.#kdc as KdcClient;
  }

  /** Concurrent callers share one request to the KDC; each stops waiting when its own signal is aborted. */
  async #obtained(
    snapshot: Snapshot,
    ticketGrantingTicket: Credential,
    wanted: Principal,
    signal: AbortSignal | undefined,
  ): Promise<Credential> {
    const name = asked(wanted);
    const { name: service, realm } = wanted;
    const where = realm.equals(anyRealm) ? {} : { realm };
    while (true) {
      const pending = snapshot.obtained.get(name);
      const known = pending && (await unlessAborted(signal, pending));
      if (known && known.endsAt.getTime() > Date.now() + known.clockOffset) return known;
      // Another caller may have noticed the expiry as well and already requested the next ticket.
      if (snapshot.obtained.get(name) !== pending) continue;
      assertValidNow(ticketGrantingTicket);
      const asked = this.kdcClient()
        .then((kdc) => obtainServiceTicket(kdc, { ticketGrantingTicket, service, ...where }))
        .then(notEndedAlready);
      snapshot.obtained.set(name, asked);
      asked.catch(() => snapshot.obtained.delete(name));
    }
  }

  /** Converts each ticket once, because its key caches derived keys. */
  #usable(snapshot: Snapshot, cached: CachedCredential): Credential {
    const known = snapshot.usable.get(cached) ?? usable(cached, snapshot.cache.clockOffset);
    snapshot.usable.set(cached, known);
    return known;
  }

  /** The current contents of the cache, read once for all callers. */
  async #current(client?: string): Promise<Snapshot> {
    const path = await clientsCachePath(await this.#cacheName(), client);
    const found = await stat(path, { bigint: true }).catch(() => undefined);
    // Changes whenever the content of the file changes.
    const version = found ? [found.dev, found.ino, found.mtimeNs, found.ctimeNs, found.size].join(' ') : '';
    const known = this.#snapshots.get(path);
    if (known?.version === version) return known.read;
    const read = readCredentialCache(path).then(
      (cache): Snapshot => ({ path, cache, usable: new Map(), obtained: new Map() }),
    );
    const next = { version, read };
    this.#snapshots.set(path, next);
    read.catch(() => {
      if (this.#snapshots.get(path) === next) this.#snapshots.delete(path);
    });
    return read;
  }

  async #cacheName(): Promise<string> {
    if (this.#options.cache !== undefined) return this.#options.cache;
    if (process.env.KRB5CCNAME !== undefined) return process.env.KRB5CCNAME;
    return credentialCacheName((await this.#configuration()).defaultCredentialCacheName);
  }

  async #configuration(): Promise<Configuration> {
    if (this.#options.configuration) return this.#options.configuration;
    const sections = await loadSections();
    // If the text is unchanged, keep the object, so that the KDC client still knows which KDC answered last.
    const text = JSON.stringify(sections);
    if (this.#configured?.text !== text)
      this.#configured = { text, configuration: configurationOf(sections) };
    return this.#configured.configuration;
  }
}

/**
 * Throws for a ticket that has already ended: the KDC would issue another like it each time we asked. @throws
 * KerberosError TICKET_EXPIRED
 */
function notEndedAlready(credential: Credential): Credential {
  const { server, endsAt, clockOffset } = credential;
  const now = new Date(Date.now() + clockOffset);
  if (endsAt > now) return credential;
  throw new KerberosError(
    'TICKET_EXPIRED',
    `The ticket for ${formatPrincipal(server)} that the KDC has just issued ended at ${endsAt.toISOString()}; the time here is ${now.toISOString()}.`,
    {
      hint: 'The clock of this machine is ahead of that of the KDC, or the KDC issues tickets without a lifetime. Set the clock by NTP; check the ticket lifetime in the policy of the domain.',
    },
  );
}

/** Stands for a realm that was not given. */
const anyRealm = Buffer.from('?');

function isFor(server: Principal, wanted: Principal): boolean {
  return (
    sameName(server.name, wanted.name) && (wanted.realm.equals(anyRealm) || server.realm.equals(wanted.realm))
  );
}

function asked(wanted: Principal): string {
  return wanted.realm.equals(anyRealm) ? formatName(wanted.name) : formatPrincipal(wanted);
}

/** Adds the cache and its client to the message, because there may be several caches. */
function withCache(error: KerberosError, { path, cache }: Snapshot): KerberosError {
  const { code, message, hint, report } = error;
  const text = `${message} The credential cache ${path} is of ${formatPrincipal(cache.principal)}.`;
  return new KerberosError(code, text, { cause: error, hint, ...(report && { report }) });
}

/**
 * A cache may also hold tickets of clients on whose behalf its user acts (S4U2Proxy), and tickets that only a peer can
 * decrypt (user-to-user).
 */
function isOwn({ client, isSessionKey }: CachedCredential, { principal }: CredentialCache): boolean {
  return !isSessionKey && sameButForCase(client, principal);
}

/** The ticket obtained at login: for the client's own realm. */
function isTicketGranting({ server }: CachedCredential, { principal }: CredentialCache): boolean {
  const realm = grantedRealm(server.name);
  return realm?.equals(principal.realm) === true;
}

/** The usable ticket that lasts longest, or else any ticket that lasts longest. */
function best(credentials: readonly CachedCredential[], now: number): CachedCredential | undefined {
  const [first] = [...credentials].sort(
    (a, b) => Number(isGood(b, now)) - Number(isGood(a, now)) || b.endsAt.getTime() - a.endsAt.getTime(),
  );
  return first;
}

function isGood({ keyType, startsAt, endsAt }: CachedCredential, now: number): boolean {
  return (
    encryptionType(keyType) !== undefined && endsAt.getTime() > now && startsAt.getTime() <= now + clockSkew
  );
}
