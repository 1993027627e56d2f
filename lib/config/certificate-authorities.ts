import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isAbsolute, join, normalize } from 'node:path';

const repository = join(import.meta.dirname, '..', '..');
const pemCertificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** A task definition is limited to 64 KB, including everything else in it. */
const mostCharacters = 16_384;

/** Certificates of authorities, as a company publishes them. */
export interface Authorities {
  /** Each in PEM format. */
  readonly certificates: readonly string[];
  /** What is wrong with the file, as the end of "it must be …"; undefined if nothing is. */
  readonly problem?: string;
}

/**
 * Reads the certificates of authorities from a file in the repository. They are public, so a template may contain them.
 *
 * @param file path relative to the repository's top folder
 */
export function readAuthorities(file: string, now = new Date(), root = repository): Authorities {
  const must = (why: string): Authorities => ({
    certificates: [],
    problem: `a file of this repository with the certificates of authorities in PEM format: ${why}`,
  });
  if (isAbsolute(file) || normalize(file).startsWith('..')) return must('its path begins at the top folder');
  let content: string;
  try {
    content = readFileSync(join(root, file), 'utf8');
  } catch (error) {
    return must(`it cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(content)) {
    return must('this one holds a private key, which must not be in a repository');
  }
  const certificates = content.match(pemCertificate) ?? [];
  if (certificates.length === 0) return must('there is none in it');
  for (const [index, pem] of certificates.entries()) {
    const why = unfit(pem, now);
    if (why) return must(`its certificate number ${index + 1} ${why}`);
  }
  if (certificates.join('\n').length > mostCharacters) {
    return must(`together they have more than ${mostCharacters} characters, more than tasks can get`);
  }
  return { certificates };
}

function unfit(pem: string, now: Date): string | undefined {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch {
    return 'is damaged';
  }
  const who = certificate.subject.replaceAll('\n', ', ');
  if (!certificate.ca) return `(${who}) is not of an authority: give the one that signed it`;
  if (new Date(certificate.validTo) <= now) return `(${who}) expired on ${certificate.validTo}`;
  if (new Date(certificate.validFrom) > now) return `(${who}) is not valid before ${certificate.validFrom}`;
  return undefined;
}

/** The certificates in files that have passed the configuration's check. */
export function authoritiesOf(files: readonly string[]): string[] {
  return files.flatMap((file) => {
    const { certificates, problem } = readAuthorities(file);
    if (problem) throw new Error(`${file} must be ${problem}.`);
    return certificates;
  });
}
