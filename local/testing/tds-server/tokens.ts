/** Tokens of a login response, as a server writes them ([MS-TDS] 2.2.7). */

export function sspi(token: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0xed]), uint16(token.length), token]);
}

export function loginAck(): Buffer {
  const name = bVarChar('Scripted Server');
  const body = Buffer.concat([Buffer.from([1, 0x74, 0, 0, 4]), name, Buffer.from([16, 0, 0, 0])]);
  return Buffer.concat([Buffer.from([0xad]), uint16(body.length), body]);
}

export function done(status = 0): Buffer {
  return Buffer.concat([Buffer.from([0xfd]), uint16(status), Buffer.alloc(10)]);
}

export function doneProc(): Buffer {
  return Buffer.concat([Buffer.from([0xfe]), Buffer.alloc(12)]);
}

/** ERROR; from severity 20 on, a server ends the connection afterwards. */
export function error(number: number, state: number, message: string, severity = 14): Buffer {
  const head = Buffer.alloc(6);
  head.writeInt32LE(number, 0);
  head.writeUInt8(state, 4);
  head.writeUInt8(severity, 5);
  const text = Buffer.concat([uint16(message.length), Buffer.from(message, 'ucs2')]);
  const body = Buffer.concat([head, text, bVarChar('scripted'), bVarChar(''), Buffer.alloc(4)]);
  return Buffer.concat([Buffer.from([0xaa]), uint16(body.length), body]);
}

/** COLMETADATA for columns of type int with these names. */
export function intColumns(...names: readonly string[]): Buffer {
  const columns = names.map((name) => Buffer.concat([Buffer.from([0, 0, 0, 0, 8, 0, 0x38]), bVarChar(name)]));
  return Buffer.concat([Buffer.from([0x81]), uint16(names.length), ...columns]);
}

/** A ROW for these columns. */
export function intRow(...values: readonly number[]): Buffer {
  const row = Buffer.alloc(1 + values.length * 4);
  row[0] = 0xd1;
  for (const [index, value] of values.entries()) row.writeInt32LE(value, 1 + index * 4);
  return row;
}

/** ENVCHANGE of type 20: redirects the client to this host and port. */
export function routing(host: string, port: number): Buffer {
  const name = Buffer.concat([uint16(host.length), Buffer.from(host, 'ucs2')]);
  const value = Buffer.concat([Buffer.from([0]), uint16(port), name]);
  const body = Buffer.concat([Buffer.from([20]), uint16(value.length), value, uint16(0)]);
  return Buffer.concat([Buffer.from([0xe3]), uint16(body.length), body]);
}

/** ENVCHANGE for a transaction, by type: 8 begins, 9 commits. */
export function transaction(type: 8 | 9): Buffer {
  const descriptor = Buffer.from([8, 1, 0, 0, 0, 0, 0, 0, 0]);
  const body = Buffer.concat(
    type === 8 ? [Buffer.from([8]), descriptor, Buffer.from([0])] : [Buffer.from([9, 0]), descriptor],
  );
  return Buffer.concat([Buffer.from([0xe3]), uint16(body.length), body]);
}

/** ENVCHANGE of type 7: a database collation with this code page. */
export function collation(codePage: 1251 | 1252): Buffer {
  const value = { 1251: [0x19, 0x04, 0xd0, 0x00, 0x00], 1252: [0x09, 0x04, 0xd0, 0x00, 0x34] }[codePage];
  const body = Buffer.from([7, value.length, ...value, 0]);
  return Buffer.concat([Buffer.from([0xe3]), uint16(body.length), body]);
}

function uint16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16LE(value);
  return buffer;
}

function bVarChar(text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'ucs2')]);
}
