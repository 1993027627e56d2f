import { ConnectionError } from 'tedious';
import { hints, type LoginErrorCode } from './codes.ts';

/** The step of the login in which an error occurred. */
export type LoginStep = 'connect' | 'prelogin' | 'tls' | 'ticket' | 'login' | 'session';

/** The GSSAPI status (RFC 2743, section 1.2.1.1), without any token. */
export interface GssStatus {
  readonly major: string;
  readonly minor: string;
}

/** An ERROR token from the server ([MS-TDS] 2.2.7.10). */
export interface ServerErrorToken {
  readonly number: number;
  readonly state: number;
  readonly class: number;
  readonly message: string;
  readonly serverName: string;
}

export interface LoginErrorDetails {
  readonly message: string;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly step?: LoginStep | undefined;
  readonly spn?: string | undefined;
  readonly gss?: GssStatus | undefined;
  readonly server?: ServerErrorToken | undefined;
  readonly cause?: unknown;
}

/**
 * Why a login failed: a stable `code`, what happened (`message`), and the likely cause and its remedy (`hint`).
 * Contains no password, key, ticket or token.
 */
export class LoginError extends ConnectionError {
  override readonly name = 'LoginError';
  declare readonly code: LoginErrorCode;
  readonly hint: string;
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly step: LoginStep | undefined;
  readonly spn: string | undefined;
  readonly gss: GssStatus | undefined;
  readonly server: ServerErrorToken | undefined;

  constructor(code: LoginErrorCode, details: LoginErrorDetails) {
    super(details.message, code, details.cause === undefined ? undefined : { cause: details.cause });
    this.hint = hints[code];
    this.host = details.host;
    this.port = details.port;
    this.step = details.step;
    this.spn = details.spn;
    this.gss = details.gss;
    this.server = details.server;
  }
}
