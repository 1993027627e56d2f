import type { KerberosError, KerberosErrorCode } from 'kerberos-client';
import type { LoginTarget } from '../authenticator.ts';
import type { LoginErrorCode } from '../errors/codes.ts';
import { LoginError, type LoginStep } from '../errors/login-error.ts';
import { isOutside } from '../service-principal-name.ts';

interface Wanted {
  readonly spn: string;
  readonly target: LoginTarget;
}

interface Explanation {
  readonly code: LoginErrorCode;
  /** What happened, in complete sentences. */
  readonly message: string;
}

const codes: Readonly<Partial<Record<KerberosErrorCode, LoginErrorCode>>> = {
  CREDENTIAL_CACHE_NOT_FOUND: 'CCACHE_NOT_FOUND',
  CREDENTIAL_CACHE_UNREADABLE: 'CCACHE_UNREADABLE',
  CREDENTIAL_CACHE_MALFORMED: 'CCACHE_CORRUPT',
  CREDENTIAL_CACHE_UNSUPPORTED: 'CCACHE_UNSUPPORTED',
  CONFIGURATION_UNREADABLE: 'KRB5_CONFIG_INVALID',
  CONFIGURATION_INVALID: 'KRB5_CONFIG_INVALID',
  TICKET_EXPIRED: 'TICKET_EXPIRED',
  KRB_AP_ERR_TKT_EXPIRED: 'TICKET_EXPIRED',
  TICKET_MISSING: 'TICKET_MISSING',
  TICKET_NOT_YET_VALID: 'CLOCK_SKEW',
  KRB_AP_ERR_TKT_NYV: 'CLOCK_SKEW',
  KRB_AP_ERR_SKEW: 'CLOCK_SKEW',
  ENCRYPTION_TYPE_UNSUPPORTED: 'ENCRYPTION_TYPE_UNSUPPORTED',
  KDC_ERR_ETYPE_NOSUPP: 'ENCRYPTION_TYPE_UNSUPPORTED',
  REALM_UNKNOWN: 'REALM_UNKNOWN',
  REFERRAL_REFUSED: 'REALM_UNKNOWN',
  KDC_UNREACHABLE: 'KDC_UNREACHABLE',
  KDC_ERR_S_PRINCIPAL_UNKNOWN: 'SPN_UNKNOWN',
  KDC_ERR_MUST_USE_USER2USER: 'SPN_UNKNOWN',
};

/** This package's code for a Kerberos error. */
export function loginErrorCode(error: KerberosError): LoginErrorCode {
  return codes[error.code] ?? 'GSS_FAILED';
}

/** Makes a {@link LoginError} that includes the Kerberos error. */
export function kerberosLoginError(
  { code, message }: Explanation,
  { spn, target }: Wanted,
  cause: KerberosError,
  step: LoginStep,
): LoginError {
  const gss = { major: cause.code, minor: cause.message };
  return new LoginError(code, { ...target, spn, step, message, gss, cause });
}

/** The error for a missing ticket. */
export function missingTicketError(error: KerberosError, wanted: Wanted): LoginError {
  return kerberosLoginError(explainMissingTicket(error, wanted), wanted, error, 'ticket');
}

function explainMissingTicket(error: KerberosError, wanted: Wanted): Explanation {
  const code = loginErrorCode(error);
  if (code === 'SPN_UNKNOWN') return explainUnknownService(error, wanted);
  if (code === 'TICKET_MISSING') return { code, message: error.message };
  const skewed = code === 'CLOCK_SKEW' ? 'Clock skew too great. ' : '';
  return { code, message: `No ticket for ${wanted.spn}: ${skewed}${error.message}` };
}

/** A KDC gives the same error for an unregistered name and for a name in a realm that it knows no path to. */
function explainUnknownService(error: KerberosError, { spn }: Wanted): Explanation {
  const realm = error.report?.realm ?? '';
  return isOutside(spn, realm)
    ? {
        code: 'REALM_UNKNOWN',
        message: `${spn} is not in the ticket's realm ${realm}, and ${realm} has no path to it. ${error.message}`,
      }
    : { code: 'SPN_UNKNOWN', message: `The directory ${realm} has no service ${spn}. ${error.message}` };
}
