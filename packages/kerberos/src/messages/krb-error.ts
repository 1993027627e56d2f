import { Fields, insideApplication } from '../der/read.ts';
import { readInt32, readMicroseconds, readOctets, readString, readTime } from '../der/values.ts';
import type { KrbErrorReport } from '../errors/kerberos-error.ts';
import { formatName, readName } from '../principal.ts';
import { expectHeader, messageType } from './message-type.ts';

/** Reads a KRB-ERROR (RFC 4120, section 5.9.1). @throws KerberosError MESSAGE_MALFORMED for anything else */
export function readKrbError(message: Buffer): KrbErrorReport {
  const fields = new Fields(insideApplication(message, messageType.error, 'the KRB-ERROR'), 'the KRB-ERROR');
  expectHeader(fields, messageType.error);
  const microseconds = fields.required(5, readMicroseconds);
  return {
    serverTime: new Date(fields.required(4, readTime).getTime() + Math.floor(microseconds / 1000)),
    code: fields.required(6, readInt32),
    realm: printable(fields.required(9, readString).toString()),
    server: printable(formatName(fields.required(10, readName))),
    text: printable(fields.optional(11, readString)?.toString() ?? '') || undefined,
    data: fields.optional(12, readOctets),
  };
}

/** Makes text from the other side safe for terminals and logs. */
function printable(text: string): string {
  return text
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, 300);
}
