import { type FailureCode, type FailureDescription, failureCatalogue } from './failure-catalogue.ts';

/** Characters of what a tool or a server said: a runtime of containers cuts a line of the log at 16 KiB. */
const longestDetail = 2000;

/** As one line that a log and a terminal can show: what either would obey, or nobody sees, is written by its number. */
function asOneLine(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  const cut = line.length > longestDetail ? `${line.slice(0, longestDetail)}…` : line;
  return cut.replaceAll(/\p{C}/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** Something that kept a ticket from being had or published, with its likely cause and what to do. */
export class TicketFailure extends Error {
  override readonly name = 'TicketFailure';
  readonly code: FailureCode;
  /** The error's name in Kerberos (RFC 4120, section 7.5.9, or MIT's com_err), where it has one. */
  readonly kerberosError: string | undefined;
  /** What the tool or the system said. */
  readonly detail: string;

  /** When trying again can be of use, where that is known. */
  readonly retryAt: Date | undefined;

  /** Whether the domain controller, in words that are not known here, may have refused the password. */
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
