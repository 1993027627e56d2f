/** The key that encrypts a ticket. */
export interface TicketEncryption {
  /** Number of the encryption type. */
  readonly encryptionType: number;
  /** Version of the key; `undefined` if the domain controller did not include it. */
  readonly keyVersion: number | undefined;
}

/**
 * Finds which key encrypts a Kerberos ticket. Reads only the necessary part of the DER:
 * `Ticket ::= [APPLICATION 1] SEQUENCE { tkt-vno [0], realm [1], sname [2], enc-part [3] EncryptedData }`,
 * `EncryptedData ::= SEQUENCE { etype [0] Int32, kvno [1] UInt32 OPTIONAL, … }` (RFC 4120, sections 5.3 and 5.2.9).
 * @throws RangeError if the bytes are not such a ticket.
 */
export function ticketEncryption(ticket: Buffer): TicketEncryption {
  const fields = element(element(ticket, 0x61), 0x30);
  const encrypted = element(element(fields, 0xa3), 0x30);
  const kvno = find(encrypted, 0xa1);
  return {
    encryptionType: integer(element(element(encrypted, 0xa0), 0x02)),
    keyVersion: kvno && integer(element(kvno, 0x02)),
  };
}

/** @throws RangeError if it is empty or longer than six bytes; no Int32 or UInt32 is */
function integer(bytes: Buffer): number {
  return bytes.readIntBE(0, bytes.length);
}

function element(bytes: Buffer, tag: number): Buffer {
  const found = find(bytes, tag);
  if (!found) {
    throw new RangeError(`The ticket has no element 0x${tag.toString(16)}.`);
  }
  return found;
}

/** The content of the first element with this tag in `bytes`, a sequence of elements. */
function find(bytes: Buffer, tag: number): Buffer | undefined {
  for (let at = 0; at < bytes.length; ) {
    const first = bytes.readUInt8(at + 1);
    // The long form holds the number of length bytes in the low bits (X.690, 8.1.3.5).
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes);
    const start = at + 2 + lengthBytes;
    if (start + length > bytes.length) {
      throw new RangeError('The ticket ends early.');
    }
    if (bytes[at] === tag) {
      return bytes.subarray(start, start + length);
    }
    at = start + length;
  }
  return undefined;
}
