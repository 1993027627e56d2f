import { X509Certificate } from 'node:crypto';

/** What OpenSSL takes for a certificate in a PEM file; all else there it passes over without a word. */
const pem = /-----BEGIN ((?:TRUSTED |X509 )?CERTIFICATE)-----[\s\S]*?-----END \1-----/g;

/** Texts that were found good: a connection is made often, of the same authorities each time. */
const good = new Set<string>();
const mostGood = 20;

/**
 * Sees to it that authorities are certificates. Of others, OpenSSL would trust nobody, and a login would blame the server; for an
 * empty text Node.js trusts all of the well-known authorities, whoever was meant.
 *
 * @param name of the setting
 * @throws TypeError with one sentence
 */
export function checkAuthorities(name: string, authorities: unknown): void {
  if (authorities === undefined || authorities === null) return;
  const list: readonly unknown[] = Array.isArray(authorities) ? authorities : [authorities];
  if (list.length === 0)
    throw refusal(name, 'the list is empty; leave it out for the well-known authorities');
  list.forEach((one, index) => {
    const which = list.length > 1 ? `number ${index + 1}` : 'it';
    const text = textOf(one);
    if (text === undefined) throw refusal(name, `${which} is neither text nor bytes`);
    if (good.has(text)) return;
    const why = problemOf(text);
    if (why) throw refusal(name, `${which} ${why}`);
    if (good.size >= mostGood) good.clear();
    good.add(text);
  });
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
  const certificates = text.match(pem) ?? [];
  if (certificates.length === 0) return 'holds none';
  const damaged = certificates.findIndex((certificate) => !isCertificate(certificate));
  return damaged < 0 ? undefined : `holds a damaged one, certificate number ${damaged + 1}`;
}

function isCertificate(certificate: string): boolean {
  try {
    return new X509Certificate(certificate).subject !== undefined;
  } catch {
    return false;
  }
}
