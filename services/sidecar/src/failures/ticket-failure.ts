import { type FailureCode, type FailureDescription, failureCatalogue } from './failure-catalogue.ts';

/** Limit for the text of a tool or server, in characters: container runtimes split a log line at 16 KiB. */
const longestDetail = 2000;

/** Makes a text one line that is safe in a log and a terminal: control and invisible characters are escaped. */
function asOneLine(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  const cut = line.length > longestDetail ? `${line.slice(0, longestDetail)}…` : line;
  return cut.replaceAll(/\p{C}/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** A failure to obtain or publish a ticket, with its likely cause and its remedy. */
export class TicketFailure extends Error {
  override readonly name = 'TicketFailure';
  readonly code: FailureCode;
  /** The error's name in Kerberos (RFC 4120, section 7.5.9, or MIT's com_err), if it has one. */
  readonly kerberosError: string | undefined;
  /** What the tool or the system said. */
  readonly detail: string;

  /** When a retry can help, if that is known. */
  readonly retryAt: Date | undefined;

  /** Whether the domain controller may have refused the password, in a message that is not known here. */
  readonly mayBeRefusal: boolean;

  /** @param detail what the tool or the system said; it must hold no secret. */
  constructor(
    code: FailureCode,
    detail: string,
    { retryAt, mayBeRefusal = false }: { readonly retryAt?: Date; readonly mayBeRefusal?: boolean } = {},
  ) {
    const { cause, remedy, kerberosError }: FailureDescription = failureCatalogue[code];
    const oneLine = asOneLine(detail);
    super(`${cause} ${remedy} (${oneLine})`);
    this.code = code;
    this.retryAt = retryAt;
    this.mayBeRefusal = mayBeRefusal;
    this.kerberosError = kerberosError;
    this.detail = oneLine;
  }
}
