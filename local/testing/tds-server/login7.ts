/** The parts of a LOGIN7 message that tests check ([MS-TDS] 2.2.6.4). */
export interface Login7 {
  readonly integratedSecurity: boolean;
  /** Whether the session starts with the ANSI settings (`fODBC`). */
  readonly odbc: boolean;
  readonly userName: string;
  readonly passwordLength: number;
  readonly serverName: string;
  readonly database: string;
  readonly sspi: Buffer;
  readonly packets: number;
  /** The feature extension, which must be readable with any size of token. */
  readonly featureExtension: Buffer;
}

export function parseLogin7(body: Buffer, packets: number): Login7 {
  const text = (at: number) => {
    const offset = body.readUInt16LE(at);
    return body.toString('ucs2', offset, offset + body.readUInt16LE(at + 2) * 2);
  };
  const short = body.readUInt16LE(80);
  const length = short === 0xffff ? body.readUInt32LE(90) || short : short;
  const offset = body.readUInt16LE(78);
  return {
    integratedSecurity: (body.readUInt8(25) & 0x80) !== 0,
    odbc: (body.readUInt8(25) & 0x02) !== 0,
    userName: text(40),
    passwordLength: body.readUInt16LE(46),
    serverName: text(52),
    database: text(68),
    sspi: body.subarray(offset, offset + length),
    packets,
    featureExtension: body.subarray(body.readUInt32LE(body.readUInt16LE(56))),
  };
}
