import { X509Certificate } from 'node:crypto';

/** What OpenSSL recognises as a certificate in a PEM file. It silently skips everything else. */
const pem = /-----BEGIN ((?:TRUSTED |X509 )?CERTIFICATE)-----[\s\S]*?-----END \1-----/g;

/**
 * PEM texts that passed the check, least recently used first, so that many connections with the same authorities need one
 * check only. The latest list is kept completely, however long it is.
 */
const good = new Set<string>();
let charactersOfGood = 0;
/** Room for many large lists: the global bundle of Amazon RDS has about 100 authorities and 165 000 characters. */
const mostCharacters = 4_000_000;

/**
 * Checks that authorities are PEM certificates. OpenSSL would skip anything else and then trust no server, so that the login
 * error would blame the server. For an empty string, Node.js would trust all well-known authorities instead.
 *
 * @param name name of the setting, for the error message
 * @throws TypeError
 */
export function checkAuthorities(name: string, authorities: unknown): void {
  if (authorities === undefined || authorities === null) return;
  const list: readonly unknown[] = Array.isArray(authorities) ? authorities : [authorities];
  if (list.length === 0)
    throw refusal(name, 'the list is empty; leave it out to trust the well-known authorities');
  const texts = list.map(textOf);
  try {
    texts.forEach((text, index) => {
      const which = list.length > 1 ? `number ${index + 1}` : 'it';
      if (text === undefined) throw refusal(name, `${which} is neither text nor bytes`);
      const why = good.has(text) ? undefined : problemOf(text);
      if (why) throw refusal(name, `${which} ${why}`);
      if (!good.delete(text)) charactersOfGood += text.length;
      good.add(text);
    });
  } finally {
    forgetOldest(texts.reduce((sum, text = '') => sum + text.length, 0));
  }
}

function forgetOldest(charactersOfLast: number): void {
  for (const oldest of good) {
    if (charactersOfGood <= Math.max(charactersOfLast, mostCharacters)) return;
    good.delete(oldest);
    charactersOfGood -= oldest.length;
  }
}

function refusal(name: string, why: string): TypeError {
  return new TypeError(`"${name}" must be certificates of authorities in PEM format: ${why}.`);
}

function textOf(one: unknown): string | undefined {
  if (typeof one === 'string') return one;
  if (one instanceof ArrayBuffer) return Buffer.from(one).toString('latin1');
  if (!ArrayBuffer.isView(one)) return undefined;
  return Buffer.from(one.buffer, one.byteOffset, one.byteLength).toString('latin1');
}

function problemOf(text: string): string | undefined {
  const certificates = [...text.matchAll(pem)];
  if (certificates.length === 0) return 'holds no certificate';
  const damaged = certificates.findIndex(([certificate]) => !isCertificate(certificate));
  if (damaged >= 0) return `holds a damaged certificate, number ${damaged + 1}`;
  const sharing = certificates.findIndex((certificate) => !hasItsLines(text, certificate));
  return sharing < 0
    ? undefined
    : `holds a certificate that shares a line with something else, number ${sharing + 1}: put a line break between them`;
}

/**
 * Whether the BEGIN and END lines hold nothing else; otherwise OpenSSL does not recognise them. A byte order mark before the
 * first line, decoded or as bytes, does not count.
 */
function hasItsLines(text: string, { 0: certificate, index }: RegExpExecArray): boolean {
  const before = text.slice(0, index);
  const after = text.slice(index + certificate.length);
  return /(?:^(?:\ufeff|\u00ef\u00bb\u00bf)?|\n)$/.test(before) && /^[^\S\n]*(?:\n|$)/.test(after);
}

function isCertificate(certificate: string): boolean {
  try {
    return new X509Certificate(certificate).subject !== undefined;
  } catch {
    return false;
  }
}
