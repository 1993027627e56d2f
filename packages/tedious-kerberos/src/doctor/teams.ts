import type { LoginErrorCode } from '../errors/codes.ts';

/** The team to ask if the operator of the client cannot fix the problem. */
export type Team = 'network' | 'directory' | 'database';

/** The team that can usually fix the cause of each code. For other codes, it is the operator of the client. */
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
