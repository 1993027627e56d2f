/** Encryption as negotiated in PRELOGIN, MS-TDS 2.2.6.5. */
export const encryption = { off: 0, on: 1, notSupported: 2, required: 3 } as const;

const option = { version: 0, encryption: 1, instance: 2, threadId: 3, mars: 4, terminator: 0xff };

/** The encryption that a client requests; `notSupported` if it does not say. */
export function clientEncryption(payload: Buffer): number {
  for (let at = 0; at < payload.length && payload[at] !== option.terminator; at += 5) {
    if (payload[at] === option.encryption) {
      return payload.readUInt8(payload.readUInt16BE(at + 1));
    }
  }
  return encryption.notSupported;
}

/**
 * The server's answer. A connection is encrypted completely or not at all: a client that would encrypt only the login
 * (`off`) gets `required`, as from a server with "Force Encryption"; a client without TLS stays unencrypted unless the
 * server requires TLS.
 */
export function negotiateEncryption(client: number, forced: boolean): number {
  if (client === encryption.on || client === encryption.required) return encryption.on;
  if (client === encryption.notSupported && !forced) return encryption.notSupported;
  return encryption.required;
}

/** The server's PRELOGIN answer; `version` is major, minor, build. */
export function preloginResponse(
  negotiated: number,
  [major, minor, build]: readonly [number, number, number],
) {
  const version = Buffer.alloc(6);
  version.writeUInt8(major, 0);
  version.writeUInt8(minor, 1);
  version.writeUInt16BE(build, 2);
  const options: [number, Buffer][] = [
    [option.version, version],
    [option.encryption, Buffer.from([negotiated])],
    [option.instance, Buffer.from([0])],
    [option.threadId, Buffer.alloc(0)],
    [option.mars, Buffer.from([0])],
  ];
  const header = Buffer.alloc(options.length * 5 + 1);
  let offset = header.length;
  for (const [index, [token, data]] of options.entries()) {
    header.writeUInt8(token, index * 5);
    header.writeUInt16BE(offset, index * 5 + 1);
    header.writeUInt16BE(data.length, index * 5 + 3);
    offset += data.length;
  }
  header.writeUInt8(option.terminator, header.length - 1);
  return Buffer.concat([header, ...options.map(([, data]) => data)]);
}
