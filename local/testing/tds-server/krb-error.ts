/** Forms of a KRB-ERROR: GSSAPI in SPNEGO, the same with Windows' own OID for Kerberos, SPNEGO only, or unwrapped. */
export const krbErrorForms = ['gssapi', 'windows', 'spnego', 'bare'] as const;

/**
 * The token with which a server refuses a ticket: KRB-ERROR (RFC 4120, section 5.9.1), by default wrapped as by real
 * servers.
 */
export function krbErrorToken(code: number, form: (typeof krbErrorForms)[number] = 'gssapi'): Buffer {
  const fields = [
    explicit(0, integer(5)),
    explicit(1, integer(30)),
    explicit(4, element(0x18, Buffer.from('20260131120000Z'))),
    explicit(5, integer(0)),
    explicit(6, integer(code)),
    explicit(9, element(0x1b, Buffer.from('CORP.EXAMPLE.COM'))),
  ];
  const error = element(0x7e, element(0x30, Buffer.concat(fields)));
  if (form === 'bare') return error;
  const kerberos = Buffer.from(
    form === 'windows' ? '06092a864882f712010202' : '06092a864886f712010202',
    'hex',
  );
  const mechanism =
    form === 'spnego' ? error : element(0x60, Buffer.concat([kerberos, Buffer.from([3, 0]), error]));
  return explicit(
    1,
    element(
      0x30,
      Buffer.concat([explicit(0, element(0x0a, Buffer.from([2]))), explicit(2, element(4, mechanism))]),
    ),
  );
}

function integer(value: number): Buffer {
  return element(2, Buffer.from(value > 127 ? [0, value] : [value]));
}

function explicit(tag: number, content: Buffer): Buffer {
  return element(0xa0 + tag, content);
}

function element(tag: number, content: Buffer): Buffer {
  const { length } = content;
  return Buffer.concat([Buffer.from(length < 128 ? [tag, length] : [tag, 0x81, length]), content]);
}
