import {
  configurationFrom,
  KdcClient,
  KerberosError,
  obtainInitialTicket,
  parsePrincipal,
} from 'kerberos-client';
import { ProvisioningError } from '../provisioning-error.ts';

/** Asks the directory whether a user has this password, as a starting task will. */
export type PasswordCheck = (username: string, password: string) => Promise<'accepted' | 'refused'>;

export interface PasswordCheckOptions {
  /** Kerberos realm: the domain's DNS name in any case. */
  readonly realm: string;
  /** Addresses of domain controllers, tried in order until one answers. */
  readonly kdcs: readonly string[];
  /** Milliseconds to wait for a KDC's answer; default 5000. */
  readonly limit?: number;
}

/** The account is locked, disabled or expired: it cannot sign in with any password. */
export class AccountUnusableError extends ProvisioningError {}

/** Five minutes: the shortest lifetime that Active Directory grants. */
const lifetimeMilliseconds = 300_000;

/**
 * Creates a check by a Kerberos AS exchange with an encrypted timestamp (RFC 4120, sections 3.1 and 5.2.7.2), as
 * `kinit` does. The password does not leave the process, and an answer counts only if the KDC has also proved that it
 * knows the password's key. A refusal counts towards the directory's account lockout.
 *
 * The check throws an AccountUnusableError if the account is locked or disabled, and another ProvisioningError if no
 * KDC answers or one answers with an error other than a refusal.
 */
export function createPasswordCheck(options: PasswordCheckOptions): PasswordCheck {
  const { kdc, realm: upper } = passwordClient(options);
  return async (username, password) => {
    try {
      const client = parsePrincipal(username, upper);
      await obtainInitialTicket(kdc, { client, password, lifetimeMilliseconds });
      return 'accepted';
    } catch (error) {
      if (!(error instanceof KerberosError)) throw error;
      if (error.code === 'KDC_ERR_PREAUTH_FAILED' || error.code === 'KDC_NOT_AUTHENTIC') return 'refused';
      throw explained(error, username, upper);
    }
  };
}

/** A client for these KDCs only, and the realm as Kerberos writes it. */
export function passwordClient({ realm, kdcs, limit = 5000 }: PasswordCheckOptions) {
  const upper = realm.toUpperCase();
  const kdc = new KdcClient({ configuration: onlyThese(upper, kdcs), timeoutMilliseconds: limit });
  return { kdc, realm: upper };
}

/** A configuration that contains only the KDCs of one realm. */
function onlyThese(realm: string, kdcs: readonly string[]) {
  const lines = kdcs.map((kdc) => `kdc = ${kdc.includes(':') ? `[${kdc}]` : kdc}`);
  return configurationFrom(
    ['[libdefaults]', 'dns_lookup_kdc = false', '[realms]', `${realm} = {`, ...lines, '}'].join('\n'),
  );
}

function explained(error: KerberosError, username: string, realm: string): ProvisioningError {
  if (error.code === 'KDC_UNREACHABLE') {
    return new ProvisioningError(
      `No domain controller answered on TCP port 88: ${error.message} Check that the function’s security group and ` +
        'the directory’s let it through.',
    );
  }
  const Kind = error.code === 'KDC_ERR_CLIENT_REVOKED' ? AccountUnusableError : ProvisioningError;
  return new Kind(`Kerberos does not let ${username}@${realm} sign in. ${error.message} ${error.hint}`);
}
