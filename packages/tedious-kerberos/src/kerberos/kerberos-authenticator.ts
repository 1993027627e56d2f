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
   * The server's service principal name (used after routing too), or a function that derives it from host and port. The
   * host in it is lowercased. Default: `MSSQLSvc/<host>:<port>` of the host actually connected to.
   */
  readonly spn?: string | ((target: LoginTarget) => string);
  /**
   * The credential cache: a path, `FILE:/path` or `DIR:/path`. Default: the cache of the process (`KRB5CCNAME`, or the
   * default cache set in the configuration that `KRB5_CONFIG` names).
   */
  readonly ccache?: string;
  /**
   * The client principal to use. In a collection (`DIR:`), selects the cache of that principal. Default: the principal of
   * the cache; in a collection, of its primary cache.
   */
  readonly principal?: string;
  /**
   * Binds the login to its TLS channel. Servers with Extended Protection require this; others ignore it. Default: true.
   * Has no effect with TLS 1.3 or without TLS.
   */
  readonly channelBinding?: boolean;
  /**
   * Uses the Kerberos library of the machine through npm `kerberos`, which must be installed. Needed for credential caches
   * that are not files (KCM, KEYRING). It cannot bind the channel. Default: false.
   */
  readonly native?: boolean;
}

const kinds: Readonly<Record<keyof KerberosOptions, readonly [kind: string, ...types: string[]]>> = {
  spn: ['a string or a function', 'string', 'function'],
  ccache: ['a string', 'string'],
  principal: ['a string', 'string'],
  channelBinding: ['true or false', 'boolean'],
  native: ['true or false', 'boolean'],
};

export const kerberosOptionNames: readonly string[] = Object.keys(kinds);

/** The string `false`, say from an environment variable, would count as true. @throws TypeError that names the option */
function assertKinds(options: KerberosOptions): void {
  for (const name of Object.keys(kinds) as (keyof KerberosOptions)[]) {
    const [kind, ...types] = kinds[name];
    const value = options[name];
    if (value === undefined || types.includes(typeof value)) continue;
    throw new TypeError(`The "${name}" of Kerberos must be ${kind}, not ${shown(value)}.`);
  }
}

/** The defaults; a test compares them with the README. */
export const kerberosDefaults = {
  spn: servicePrincipalName,
  ccache: undefined,
  principal: undefined,
  channelBinding: true,
  native: false,
} satisfies Record<keyof KerberosOptions, unknown>;

/**
 * One source per cache (the cache of the process under `undefined`), so that service tickets are reused by later logins.
 * Bounded, so that a program with a cache for each of its users does not grow without limit.
 */
const sources = new Recent<string | undefined, TicketSource>(100);

// Shared by the whole process, as are the threads that it protects.
const limit = callLimit(defaultCallLimit());

const made = new WeakSet<Authenticator>();

/** Whether the authenticator was made by {@link kerberos}. If so, a programming error in it is a bug of this package. */
export function isOfThisPackage(authenticator: Authenticator): boolean {
  return made.has(authenticator);
}

/** @throws TypeError unless it is a principal name, with or without a realm */
function assertPrincipal(principal: string): void {
  try {
    if (/\\[^\\/@]/.test(principal))
      throw new TypeError('A backslash may only precede "/", "@" or another backslash.');
    parsePrincipal(principal, '?');
  } catch (cause) {
    throw new TypeError(
      `The principal must be "user@REALM" or "user", not ${JSON.stringify(principal)}; for the Windows form DOMAIN\\user, give only the user.`,
      { cause },
    );
  }
}

/**
 * Makes an authenticator that logs in with Kerberos, negotiated through SPNEGO (RFC 4178), with mutual authentication.
 * By default it uses the ticket in the credential cache of the process (`KRB5CCNAME`) and the configuration that
 * `KRB5_CONFIG` names.
 *
 * @throws TypeError for an unknown option or one of the wrong type, an `spn` that is not of the form `service/host:port`, a
 *   `principal` that is not a principal name, or `native` combined with `channelBinding` or `ccache`
 */
export function kerberos(options: KerberosOptions = {}): Authenticator {
  assertObject('The options of Kerberos', options);
  assertKnown('Kerberos', options, kerberosOptionNames);
  assertKinds(options);
  const { principal, ccache, channelBinding } = options;
  const { spn = kerberosDefaults.spn, native = kerberosDefaults.native } = options;
  if (typeof spn === 'string') normalServicePrincipalName(spn);
  if (principal !== undefined) assertPrincipal(principal);
  if (ccache === '')
    throw new TypeError('The "ccache" is empty: leave it out to use the cache of the process.');
  if (native && channelBinding) {
    throw new TypeError('npm "kerberos" cannot bind the channel: leave out "native" or "channelBinding".');
  }
  if (native && ccache !== undefined) {
    throw new TypeError(
      'npm "kerberos" uses the cache that KRB5CCNAME names: leave out "native" or "ccache".',
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

/** @throws Error that blames the caller's function if it threw or returned an invalid name */
function named(spn: (target: LoginTarget) => string, target: LoginTarget): string {
  try {
    return normalServicePrincipalName(spn(target));
  } catch (cause) {
    // Thrown by our own default function; it already explains why there is no name.
    if (cause instanceof LoginError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The function "spn" returned no service principal name: ${reason}`, { cause });
  }
}
