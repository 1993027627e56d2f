import { X509Certificate } from 'node:crypto';

/** What OpenSSL takes for a certificate in a PEM file; all else there it passes over without a word. */
const pem = /-----BEGIN ((?:TRUSTED |X509 )?CERTIFICATE)-----[\s\S]*?-----END \1-----/g;

/**
 * Texts that were found good, those that were met last behind the others: a connection is made often, of the same
 * authorities each time. However many a list has, all of it is remembered until the next one.
 */
const good = new Set<string>();
let charactersOfGood = 0;
/** Several of the largest lists there are; Amazon RDS has about 100 authorities in all regions, 165 000 characters. */
const mostCharacters = 4_000_000;

/**
 * Sees to it that authorities are certificates. Of others, OpenSSL would trust nobody, and a login would blame the server;
 * for an empty text Node.js trusts all of the well-known authorities, whoever was meant.
 *
 * @param name of the setting
 * @throws TypeError with one sentence
 */
export function checkAuthorities(name: string, authorities: unknown): void {
  if (authorities === undefined || authorities === null) return;
  const list: readonly unknown[] = Array.isArray(authorities) ? authorities : [authorities];
  if (list.length === 0)
    throw refusal(name, 'the list is empty; leave it out for the well-known authorities');
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
  if (certificates.length === 0) return 'holds none';
  const damaged = certificates.findIndex(([certificate]) => !isCertificate(certificate));
  if (damaged >= 0) return `holds a damaged one, certificate number ${damaged + 1}`;
  const sharing = certificates.findIndex((certificate) => !hasItsLines(text, certificate));
  return sharing < 0
    ? undefined
    : `holds one that shares a line with something else, certificate number ${sharing + 1}: put a line end between them`;
}

/**
 * Whether nothing stands on the lines of its head and foot but themselves: of others, OpenSSL takes no notice. What marks a
 * text as UTF-8 is none of its lines, in bytes either.
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
