import type { LoginErrorCode } from '../errors/codes.ts';

/** Whom to ask when it is not ourselves. */
export type Team = 'network' | 'directory' | 'database';

/** Who can mend what a code stands for, as a rule; of those that are not here, whoever runs the client. */
export const teams: Readonly<Partial<Record<LoginErrorCode, Team>>> = {
  KDC_UNREACHABLE: 'network',
  CLOCK_SKEW: 'directory',
  SPN_UNKNOWN: 'directory',
  ENCRYPTION_TYPE_UNSUPPORTED: 'directory',
  REALM_UNKNOWN: 'directory',
  SERVER_NOT_AUTHENTIC: 'directory',
  TICKET_REFUSED: 'database',
  UNTRUSTED_DOMAIN: 'database',
  LOGIN_REFUSED: 'database',
  DATABASE_UNAVAILABLE: 'database',
  TLS_NAME_MISMATCH: 'database',
  TLS_NOT_TRUSTED: 'database',
  ENCRYPTION_REFUSED: 'database',
  HOST_NOT_FOUND: 'network',
  INSTANCE_NOT_FOUND: 'database',
  CONNECTION_FAILED: 'network',
  CONNECTION_LOST: 'network',
  TIMEOUT: 'network',
  PROTOCOL_ERROR: 'database',
  GSS_FAILED: 'directory',
  SERVER_ERROR: 'database',
};
