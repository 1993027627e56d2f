/**
 * The number of the encryption type that a Kerberos ticket is sealed with. Reads just that much of the DER:
 * `Ticket ::= [APPLICATION 1] SEQUENCE { tkt-vno [0], realm [1], sname [2], enc-part [3] EncryptedData }`,
 * `EncryptedData ::= SEQUENCE { etype [0] Int32, … }` (RFC 4120, sections 5.3 and 5.2.9).
 * @throws {RangeError} when the bytes are not such a ticket.
 */
export function ticketEncryptionType(ticket: Buffer): number {
  const fields = element(element(ticket, 0x61), 0x30);
  const encrypted = element(element(fields, 0xa3), 0x30);
  const etype = element(element(encrypted, 0xa0), 0x02);
  return etype.readIntBE(0, etype.length);
}

/** The content of the first element with this tag, among the elements that follow one another in `bytes`. */
function element(bytes: Buffer, tag: number): Buffer {
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
  throw new RangeError(`The ticket has no element 0x${tag.toString(16)}.`);
}
