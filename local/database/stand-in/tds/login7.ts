/** The content of a LOGIN7 message, MS-TDS 2.2.6.4. */
export interface Login7 {
  readonly tdsVersion: number;
  readonly packetSize: number;
  readonly hostName: string;
  readonly userName: string;
  readonly password: string;
  readonly applicationName: string;
  readonly database: string;
  /** The client requests Windows authentication (`fIntSecurity`). */
  readonly integratedSecurity: boolean;
  readonly sspi: Buffer;
  /** The client announced UTF-8 support, which the server must acknowledge. */
  readonly utf8Support: boolean;
}

const fixedLength = 94;
const utf8Support = 0x0a;
const terminator = 0xff;

/** Parses LOGIN7; throws RangeError when an offset points outside the message. */
export function parseLogin7(payload: Buffer): Login7 {
  if (payload.length < fixedLength) throw new RangeError('The LOGIN7 message is too short.');
  const slice = (offset: number, bytes: number) => {
    if (offset + bytes > payload.length) throw new RangeError('A LOGIN7 field ends outside the message.');
    return payload.subarray(offset, offset + bytes);
  };
  const field = (at: number) => slice(payload.readUInt16LE(at), payload.readUInt16LE(at + 2) * 2);
  const text = (at: number) => field(at).toString('utf16le');
  const flags2 = payload.readUInt8(25);
  const flags3 = payload.readUInt8(27);

  // For a token of 65535 bytes or more, cbSSPILong contains the length; 0 there means exactly 65535.
  const shortLength = payload.readUInt16LE(80);
  const longLength = payload.readUInt32LE(90);
  const sspiLength = shortLength === 0xffff && longLength > 0 ? longLength : shortLength;

  return {
    tdsVersion: payload.readUInt32LE(4),
    packetSize: payload.readUInt32LE(8),
    hostName: text(36),
    userName: text(40),
    password: unscramble(field(44)),
    applicationName: text(48),
    database: text(68),
    integratedSecurity: (flags2 & 0x80) !== 0,
    sspi: slice(payload.readUInt16LE(78), sspiLength),
    utf8Support: (flags3 & 0x10) !== 0 && hasUtf8Support(payload),
  };
}

/** Decodes the obfuscated password: exclusive-or with 0xA5, then swap the nibbles. */
function unscramble(scrambled: Buffer): string {
  return Buffer.from(scrambled.map((byte) => (((byte ^ 0xa5) << 4) | ((byte ^ 0xa5) >> 4)) & 0xff)).toString(
    'utf16le',
  );
}

function hasUtf8Support(payload: Buffer): boolean {
  let at = payload.readUInt32LE(payload.readUInt16LE(56));
  while (at < payload.length && payload[at] !== terminator) {
    if (payload[at] === utf8Support) return true;
    at += 5 + payload.readUInt32LE(at + 1);
  }
  return false;
}
