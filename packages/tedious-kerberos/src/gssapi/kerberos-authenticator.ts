import type { AuthenticationSession, Authenticator, LoginTarget } from '../authenticator.ts';
import { normalServicePrincipalName, servicePrincipalName } from '../service-principal-name.ts';
import { KerberosSession } from './kerberos-session.ts';
import { callLimit, defaultCallLimit } from './native-call-limit.ts';

export interface KerberosOptions {
  /**
   * The server's service principal name, also after routing, or how to derive it; its host is put in lower case.
   * Default: `MSSQLSvc/<host>:<port>` of the host really connected to.
   */
  readonly spn?: string | ((target: LoginTarget) => string);
  /** Which client principal of the credential cache to use. Default: the cache's own. */
  readonly principal?: string;
}

// One for the process, as the threads it protects are.
const limit = callLimit(defaultCallLimit());

/**
 * Logs in by Kerberos, negotiated through SPNEGO (RFC 4178), with mutual authentication.
 * The ticket comes from the credential cache of the process (`KRB5CCNAME`), the rest from `KRB5_CONFIG`.
 *
 * @throws TypeError for an `spn` that is not of the form `service/host:port`
 */
export function kerberos(options: KerberosOptions = {}): Authenticator {
  const { spn = servicePrincipalName, principal } = options;
  if (typeof spn === 'string') normalServicePrincipalName(spn);
  return {
    begin(target): AuthenticationSession {
      return new KerberosSession({
        target,
        spn: normalServicePrincipalName(typeof spn === 'string' ? spn : spn(target)),
        principal,
        limit,
      });
    },
  };
}
