import { parsePrincipal, TicketSource } from 'kerberos-client';
import type { AuthenticationSession, Authenticator, LoginTarget } from '../authenticator.ts';
import { LoginError } from '../errors/login-error.ts';
import { GssapiSession } from '../gssapi/gssapi-session.ts';
import { callLimit, defaultCallLimit } from '../gssapi/native-call-limit.ts';
import { assertKnown, assertObject } from '../known-settings.ts';
import { shown } from '../parameters/data-type.ts';
import { normalServicePrincipalName, servicePrincipalName } from '../service-principal-name.ts';
import { KerberosSession } from './kerberos-session.ts';
import { Recent } from './recent.ts';

export interface KerberosOptions {
  /**
   * The server's service principal name, also after routing, or how to derive it; its host is put in lower case.
   * Default: `MSSQLSvc/<host>:<port>` of the host really connected to.
   */
  readonly spn?: string | ((target: LoginTarget) => string);
  /**
   * The credential cache: a file, `FILE:/path` or `DIR:/path`. Default: that of the process (`KRB5CCNAME`, or what
   * `KRB5_CONFIG` names).
   */
  readonly ccache?: string;
  /**
   * Which client principal to use; of a collection, its cache. Default: that of the cache, of a collection the primary
   * one's.
   */
  readonly principal?: string;
  /**
   * Ties the login to its TLS channel, as a server with Extended Protection demands; others pay no heed to it.
   * Default: true. There is nothing to tie to in TLS 1.3, and without TLS.
   */
  readonly channelBinding?: boolean;
  /**
   * Uses the machine's Kerberos library through npm `kerberos`, which must be installed, for credential caches that are not
   * in files (KCM, KEYRING). Default: false. It cannot bind the channel.
   */
  readonly native?: boolean;
}

const kinds: Readonly<Record<keyof KerberosOptions, readonly [kind: string, ...types: string[]]>> = {
  spn: ['a text or a function', 'string', 'function'],
  ccache: ['a text', 'string'],
  principal: ['a text', 'string'],
  channelBinding: ['true or false', 'boolean'],
  native: ['true or false', 'boolean'],
};

export const kerberosOptionNames: readonly string[] = Object.keys(kinds);

/** The text `false`, out of a variable of the environment, would switch on. @throws TypeError that names the option */
function assertKinds(options: KerberosOptions): void {
  for (const name of Object.keys(kinds) as (keyof KerberosOptions)[]) {
    const [kind, ...types] = kinds[name];
    const value = options[name];
    if (value === undefined || types.includes(typeof value)) continue;
    throw new TypeError(`The "${name}" of Kerberos must be ${kind}, not ${shown(value)}.`);
  }
}

/** What holds where an option is left out: the README tells the same. */
export const kerberosDefaults = {
  spn: servicePrincipalName,
  ccache: undefined,
  principal: undefined,
  channelBinding: true,
  native: false,
} satisfies Record<keyof KerberosOptions, unknown>;

/**
 * One for each cache, that of the process under `undefined`: tickets that were obtained are kept for the next login. A
 * program that has a cache for each of its users does not grow with them.
 */
const sources = new Recent<string | undefined, TicketSource>(100);

// One for the process, as the threads it protects are.
const limit = callLimit(defaultCallLimit());

const made = new WeakSet<Authenticator>();

/** Whether it was made here: then a fault of its program is this package's. */
export function isOfThisPackage(authenticator: Authenticator): boolean {
  return made.has(authenticator);
}

/** @throws TypeError when it is not the name of a principal, with or without a realm */
function assertPrincipal(principal: string): void {
  try {
    if (/\\[^\\/@]/.test(principal))
      throw new TypeError('A backslash is before "/", "@" or another one only.');
    parsePrincipal(principal, '?');
  } catch (cause) {
    throw new TypeError(
      `The principal must be "user@REALM" or "user", not ${JSON.stringify(principal)}; in Windows' form DOMAIN\\user, give the user alone.`,
      { cause },
    );
  }
}

/**
 * Logs in by Kerberos, negotiated through SPNEGO (RFC 4178), with mutual authentication.
 * The ticket comes from the credential cache of the process (`KRB5CCNAME`), the rest from `KRB5_CONFIG`.
 *
 * @throws TypeError for an option that there is not, or of another type; for an `spn` that is not of the form
 *   `service/host:port`, a `principal` that is none, and for `native` with `channelBinding` or `ccache`
 */
export function kerberos(options: KerberosOptions = {}): Authenticator {
  assertObject('The options of Kerberos', options);
  assertKnown('Kerberos', options, kerberosOptionNames);
  assertKinds(options);
  const { principal, ccache, channelBinding } = options;
  const { spn = kerberosDefaults.spn, native = kerberosDefaults.native } = options;
  if (typeof spn === 'string') normalServicePrincipalName(spn);
  if (principal !== undefined) assertPrincipal(principal);
  if (ccache === '') throw new TypeError('The "ccache" is empty: leave it out for the one of the process.');
  if (native && channelBinding) {
    throw new TypeError('npm "kerberos" cannot bind the channel: leave out "native" or "channelBinding".');
  }
  if (native && ccache !== undefined) {
    throw new TypeError(
      'npm "kerberos" takes the cache that KRB5CCNAME names: leave out "native" or "ccache".',
    );
  }
  const tickets = sources.get(ccache, () => new TicketSource({ cache: ccache }));
  const authenticator: Authenticator = {
    ccache,
    principal,
    begin(target): AuthenticationSession {
      const name = typeof spn === 'string' ? normalServicePrincipalName(spn) : named(spn, target);
      const wanted = { target, spn: name, principal };
      return native
        ? new GssapiSession({ ...wanted, limit })
        : new KerberosSession({
            ...wanted,
            tickets,
            channelBinding: channelBinding ?? kerberosDefaults.channelBinding,
          });
    },
  };
  made.add(authenticator);
  return authenticator;
}

/** @throws Error that says that it was the function of the caller, whatever that threw or gave */
function named(spn: (target: LoginTarget) => string, target: LoginTarget): string {
  try {
    return normalServicePrincipalName(spn(target));
  } catch (cause) {
    // Ours says by itself why a server has no such name.
    if (cause instanceof LoginError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The function "spn" gave no service principal name: ${reason}`, { cause });
  }
}
