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
  /** Default: `KRB5CCNAME`, or what the configuration names, or `/tmp/krb5cc_<uid>`; looked up at each use. */
  readonly cache?: string | undefined;
  /** Default: `KRB5_CONFIG`, or `/etc/krb5.conf`; read anew whenever it is needed. */
  readonly configuration?: Configuration | undefined;
  /** What each KDC has for its answer, `Infinity` for no limit; default 5000. */
  readonly timeoutMilliseconds?: number | undefined;
}

export interface TicketOptions {
  /**
   * Whose ticket, with or without a realm; of a collection (`DIR:`) its cache is used. Default: that of the cache, of a
   * collection the primary one's.
   */
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
  /** By path; there are several where a collection is used. */
  readonly #snapshots = new Map<string, { readonly version: string; readonly read: Promise<Snapshot> }>();
  #kdc: KdcClient | undefined;
  #configured: { readonly text: string; readonly configuration: Configuration } | undefined;

  /** @throws RangeError for a time limit that is none */
  constructor(options: TicketSourceOptions = {}) {
    if (options.timeoutMilliseconds !== undefined) checkedLimit(options.timeoutMilliseconds);
    this.#options = options;
  }

  /**
   * A ticket for a service, valid now.
   *
   * @param service for example `MSSQLSvc/db.corp.example.com:1433`, with or without a realm
   * @throws KerberosError CREDENTIAL_CACHE_*, TICKET_MISSING, TICKET_EXPIRED, ENCRYPTION_TYPE_UNSUPPORTED, CONFIGURATION_*,
   *   and whatever `obtainServiceTicket` throws, with the cache and whose it is; the signal's reason
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
      // Somebody else may have found the same end of the ticket, and asked for the next.
      if (snapshot.obtained.get(name) !== pending) continue;
      assertValidNow(ticketGrantingTicket);
      const asked = this.kdcClient()
        .then((kdc) => obtainServiceTicket(kdc, { ticketGrantingTicket, service, ...where }))
        .then(notEndedAlready);
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
  async #current(client?: string): Promise<Snapshot> {
    const path = await clientsCachePath(await this.#cacheName(), client);
    const found = await stat(path, { bigint: true }).catch(() => undefined);
    // Tells one content of the file from the next.
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
    // What has the same text stays the same object: who was asked last in a realm is asked first again.
    const text = JSON.stringify(sections);
    if (this.#configured?.text !== text)
      this.#configured = { text, configuration: configurationOf(sections) };
    return this.#configured.configuration;
  }
}

/** Asked again, the KDC would give another one like it, without end. @throws KerberosError TICKET_EXPIRED */
function notEndedAlready(credential: Credential): Credential {
  const { server, endsAt, clockOffset } = credential;
  const now = new Date(Date.now() + clockOffset);
  if (endsAt > now) return credential;
  throw new KerberosError(
    'TICKET_EXPIRED',
    `The ticket for ${formatPrincipal(server)} that the KDC has given just now ended at ${endsAt.toISOString()}; here it is ${now.toISOString()}.`,
    {
      hint: 'The clock of this machine is ahead of that of the KDC, or the KDC gives tickets of no length. Set the clock by NTP; see the lifetime of tickets in the policy of the domain.',
    },
  );
}

/** In place of a realm that was not given. */
const anyRealm = Buffer.from('?');

function isFor(server: Principal, wanted: Principal): boolean {
  return (
    sameName(server.name, wanted.name) && (wanted.realm.equals(anyRealm) || server.realm.equals(wanted.realm))
  );
}

function asked(wanted: Principal): string {
  return wanted.realm.equals(anyRealm) ? formatName(wanted.name) : formatPrincipal(wanted);
}

/** Who reads it must know whose tickets were used, and from where: there may be several caches. */
function withCache(error: KerberosError, { path, cache }: Snapshot): KerberosError {
  const { code, message, hint, report } = error;
  const text = `${message} The credential cache ${path} is of ${formatPrincipal(cache.principal)}.`;
  return new KerberosError(code, text, { cause: error, hint, ...(report && { report }) });
}

/** A cache may hold tickets of those for whom its user acts (S4U2Proxy), and such as only a peer can open (user to user). */
function isOwn({ client, isSessionKey }: CachedCredential, { principal }: CredentialCache): boolean {
  return !isSessionKey && sameButForCase(client, principal);
}

/** The ticket that the client logged in for: of its own realm. */
function isTicketGranting({ server }: CachedCredential, { principal }: CredentialCache): boolean {
  const realm = grantedRealm(server.name);
  return realm?.equals(principal.realm) === true;
}

/** One that can be used now, of those the one that lasts longest; or else the one that lasts longest. */
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
