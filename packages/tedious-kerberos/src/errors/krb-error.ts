import type { LoginErrorCode } from './codes.ts';
import type { LoginContext } from './explain-connection-error.ts';
import { LoginError, type ServerErrorToken } from './login-error.ts';

/** A KRB-ERROR (RFC 4120, section 5.9.1), with which Kerberos refuses a ticket. */
export interface KrbError {
  /** Error code (RFC 4120, section 7.5.9). */
  readonly code: number;
  /** Name and meaning, or a substitute for codes that servers do not normally send. */
  readonly name: string;
}

const names: Readonly<Record<number, string>> = {
  14: 'KDC_ERR_ETYPE_NOSUPP: the encryption type is not supported',
  31: 'KRB_AP_ERR_BAD_INTEGRITY: decrypting the ticket failed',
  32: 'KRB_AP_ERR_TKT_EXPIRED: the ticket has expired',
  33: 'KRB_AP_ERR_TKT_NYV: the ticket is not yet valid',
  34: 'KRB_AP_ERR_REPEAT: the request is a replay',
  35: "KRB_AP_ERR_NOT_US: the ticket isn't for us",
  36: 'KRB_AP_ERR_BADMATCH: ticket and authenticator do not match',
  37: 'KRB_AP_ERR_SKEW: the clocks differ too much',
  38: 'KRB_AP_ERR_BADADDR: the network address does not match',
  39: 'KRB_AP_ERR_BADVERSION: the protocol version does not match',
  40: 'KRB_AP_ERR_MSG_TYPE: wrong message type',
  41: 'KRB_AP_ERR_MODIFIED: the ticket does not decrypt with the key of the server',
  44: 'KRB_AP_ERR_BADKEYVER: the ticket was made with another version of the key',
  45: 'KRB_AP_ERR_NOKEY: the server has no key for the ticket',
  46: 'KRB_AP_ERR_MUT_FAIL: mutual authentication failed',
  60: 'KRB_ERR_GENERIC: an error without a specific code',
};

/** Errors with a specific code. All others mean that the server cannot use the ticket. */
const codes: Readonly<Record<number, LoginErrorCode>> = {
  14: 'ENCRYPTION_TYPE_UNSUPPORTED',
  32: 'TICKET_EXPIRED',
  33: 'CLOCK_SKEW',
  37: 'CLOCK_SKEW',
};

/** Makes a {@link LoginError} from a KRB-ERROR. */
export function explainKrbError({ code, name }: KrbError, context: LoginContext): LoginError {
  return new LoginError(codes[code] ?? 'TICKET_REFUSED', {
    ...context,
    message: `SQL Server ${context.host} refused the ticket: ${name} (Kerberos error ${code}).`,
    gss: { major: 'KRB-ERROR', minor: name },
  });
}

/** Adds SQL Server's own error to the refusal. */
export function withServerError(refusal: LoginError, server: ServerErrorToken): LoginError {
  const { code, host, port, step, spn, gss } = refusal;
  const message = `${refusal.message} SQL Server says: ${server.message} (error ${server.number}, state ${server.state}).`;
  return new LoginError(code, { message, host, port, step, spn, gss, server });
}

/**
 * What precedes the KRB-ERROR message in a GSSAPI token: the OID 1.2.840.113554.1.2.2, or Windows' own
 * 1.2.840.48018.1.2.2, and the token ID of a KRB-ERROR (RFC 4121, section 4.1).
 */
const mechanismTokens = ['06092a864886f7120102020300', '06092a864882f7120102020300'].map((hexadecimal) =>
  Buffer.from(hexadecimal, 'hex'),
);
const application30 = 0x7e;
const errorCodeField = 0xa6;
/** SPNEGO's response and the field with the mechanism's token (RFC 4178, section 4.2.2). */
const negTokenResp = 0xa1;
const responseTokenField = 0xa2;

/**
 * Finds a KRB-ERROR in a server's token, either bare or wrapped in GSSAPI and SPNEGO. It is not authenticated, so it may be
 * used only to make a login fail.
 *
 * @returns undefined for any other token
 */
export function krbErrorIn(token: Buffer): KrbError | undefined {
  const inSpnego = token[0] === negTokenResp ? fieldIn(token, responseTokenField) : undefined;
  const message = afterMechanism(token) ?? inSpnego ?? token;
  if (message[0] !== application30) return undefined;
  const number = fieldIn(message, errorCodeField);
  if (!number || number.length === 0 || number.length > 4) return undefined;
  const code = number.readIntBE(0, number.length);
  return { code, name: names[code] ?? 'an unknown error' };
}

function afterMechanism(token: Buffer): Buffer | undefined {
  const [found] = mechanismTokens.filter((mechanism) => token.includes(mechanism));
  return found && token.subarray(token.indexOf(found) + found.length);
}

/** The contents of the value of the field with this tag, in the sequence inside a DER element. */
function fieldIn(der: Buffer, tag: number): Buffer | undefined {
  const sequence = contents(der, 0);
  const fields = sequence && contents(sequence.value, 0);
  if (!fields) return undefined;
  for (let at = 0; at < fields.value.length; ) {
    const field = contents(fields.value, at);
    if (!field) return undefined;
    if (fields.value[at] === tag) return contents(field.value, 0)?.value;
    at = field.end;
  }
  return undefined;
}

/** The contents of the DER element at this offset. */
function contents(der: Buffer, at: number): { readonly value: Buffer; readonly end: number } | undefined {
  let length = der[at + 1];
  if (length === undefined) return undefined;
  let start = at + 2;
  if (length >= 0x80) {
    const bytes = length & 0x7f;
    if (bytes === 0 || bytes > 4 || start + bytes > der.length) return undefined;
    length = der.readUIntBE(start, bytes);
    start += bytes;
  }
  if (start + length > der.length) return undefined;
  return { value: der.subarray(start, start + length), end: start + length };
}
