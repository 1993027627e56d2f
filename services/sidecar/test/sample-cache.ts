/** A ticket for an artificial cache; times in seconds since the epoch. */
export interface SampleTicket {
  readonly server: string;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly encryptionType?: number;
  readonly keyVersion?: number;
  readonly flags?: number;
}

const client = 'db-user@CORP.EXAMPLE.COM';

/** The bytes of a FILE cache, version 4, with artificial keys, for tests without a domain. */
export function sampleCache(tickets: readonly SampleTicket[], clockOffset = 0): Buffer {
  const header = Buffer.concat([uint16(1), uint16(8), int32(clockOffset), int32(0)]);
  return Buffer.concat([
    Buffer.from([5, 4]),
    uint16(header.length),
    header,
    principal(client),
    credential({ server: 'krb5_ccache_conf_data/pa_type@X-CACHECONF:', startsAt: 0, endsAt: 0 }),
    ...tickets.map(credential),
  ]);
}

function credential({
  server,
  startsAt,
  endsAt,
  encryptionType = 18,
  keyVersion,
  flags = 0,
}: SampleTicket): Buffer {
  return Buffer.concat([
    principal(client),
    principal(server),
    uint16(18),
    data(Buffer.alloc(32, 1)),
    ...[startsAt, startsAt, endsAt, endsAt + 3600].map(int32),
    Buffer.alloc(1),
    int32(flags | 0),
    int32(0),
    int32(0),
    data(ticket(encryptionType, keyVersion)),
    data(Buffer.alloc(0)),
  ]);
}

/** A Ticket of RFC 4120, section 5.3, up to its enc-part; 200 bytes of cipher require lengths in the long form. */
function ticket(encryptionType: number, keyVersion: number | undefined): Buffer {
  const etype = der(0xa0, der(0x02, Buffer.from([encryptionType])));
  const kvno = keyVersion === undefined ? Buffer.alloc(0) : der(0xa1, der(0x02, int32(keyVersion)));
  const cipher = der(0xa2, der(0x04, Buffer.alloc(200, 0xa3)));
  const version = der(0xa0, der(0x02, Buffer.from([5])));
  return der(
    0x61,
    der(0x30, Buffer.concat([version, der(0xa3, der(0x30, Buffer.concat([etype, kvno, cipher])))])),
  );
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  return Buffer.concat([
    Buffer.from(length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff]),
    content,
  ]);
}

function principal(name: string): Buffer {
  const [components = '', realm = ''] = name.split('@');
  const parts = components.split('/');
  return Buffer.concat([
    int32(1),
    int32(parts.length),
    data(Buffer.from(realm)),
    ...parts.map((it) => data(Buffer.from(it))),
  ]);
}

function data(bytes: Buffer): Buffer {
  return Buffer.concat([int32(bytes.length), bytes]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
