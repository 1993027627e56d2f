/** Object identifiers as DER: SPNEGO (RFC 4178) and Kerberos 5 (RFC 1964). */
const spnego = Buffer.from('06062b0601050502', 'hex');
const kerberos = Buffer.from('06092a864886f712010202', 'hex');

/** What MIT Kerberos says, and the error code of RFC 4120, section 7.5.9, that goes with it. */
const codes: readonly [RegExp, number][] = [
  [/clock skew/i, 37],
  [/ticket expired/i, 32],
  [/kvno|key version/i, 44],
  [/integrity/i, 31],
  [/not found in keytab|no key table entry/i, 35],
  [/replay/i, 34],
];

const generic = 60;

/**
 * The token that a server's GSSAPI gives for a client it refuses: a KRB-ERROR (RFC 4120, section 5.9.1) in the framing that
 * the client began with. npm's kerberos keeps its own back.
 */
export function refusalToken(clientToken: Buffer, reason: string, realm: string): Buffer {
  const code = codes.find(([pattern]) => pattern.test(reason))?.[1] ?? generic;
  // TOK_ID 03 00 is KRB_ERROR: RFC 4121, section 4.1.
  const token = der(0x60, kerberos, Buffer.from([3, 0]), krbError(code, realm));
  if (!clientToken.includes(spnego)) return token;
  const rejected = der(0xa0, der(0x0a, Buffer.from([2])));
  return der(0xa1, der(0x30, rejected, der(0xa1, kerberos), der(0xa2, der(0x04, token))));
}

function krbError(code: number, realm: string): Buffer {
  const integer = (value: number) => der(0x02, Buffer.from([value]));
  const text = (value: string) => der(0x1b, Buffer.from(value));
  const now = new Date().toISOString().replace(/[-:T]|\.\d+/g, '');
  const name = der(0x30, der(0xa0, integer(2)), der(0xa1, der(0x30, text('MSSQLSvc'))));
  const fields: readonly [number, Buffer][] = [
    [0, integer(5)],
    [1, integer(30)],
    [4, der(0x18, Buffer.from(now))],
    [5, integer(0)],
    [6, integer(code)],
    [9, text(realm)],
    [10, name],
  ];
  return der(0x7e, der(0x30, ...fields.map(([tag, value]) => der(0xa0 + tag, value))));
}

/** One value of DER: tag, length, content. */
function der(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const long = body.length < 0x100 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...long]), body]);
}
