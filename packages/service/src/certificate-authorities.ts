import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigurationError, regionOfRds, withoutOtherRegions } from '@packages/contracts';

const pemCertificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Where the certificates come from: a file, or the PEM text itself. */
export interface CertificateSource {
  readonly SQL_TLS_CA_FILE?: string | undefined;
  readonly SQL_TLS_CA?: string | undefined;
}

/**
 * Reads PEM certificates and checks that each can be parsed, so that a wrong file is reported at start-up instead of by a
 * failed login.
 *
 * @param server the name in the server's certificate. For an RDS server, only the RDS roots of its region are trusted
 * @throws ConfigurationError
 */
export function readCertificateAuthorities(
  { SQL_TLS_CA_FILE: path, SQL_TLS_CA }: CertificateSource,
  server: string,
): string {
  const say = (why: string) =>
    new ConfigurationError([
      path === undefined
        ? `SQL_TLS_CA must be PEM certificates: ${why}.`
        : `SQL_TLS_CA_FILE is ${JSON.stringify(path)}, but it must be a readable file of PEM certificates: ${why}.`,
    ]);
  if ((path === undefined) === (SQL_TLS_CA === undefined)) {
    throw new ConfigurationError([
      path === undefined
        ? 'Neither SQL_TLS_CA_FILE nor SQL_TLS_CA is set; set one of them, to a file of PEM certificates or to the certificates themselves.'
        : 'SQL_TLS_CA_FILE and SQL_TLS_CA are both set; set only one of them.',
    ]);
  }
  let content = SQL_TLS_CA ?? '';
  try {
    if (path !== undefined) content = readFileSync(path, 'utf8');
  } catch (error) {
    throw say(`it cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  const certificates = content.match(pemCertificate) ?? [];
  if (certificates.length === 0) throw say('it holds none');
  certificates.forEach((certificate, index) => {
    try {
      new X509Certificate(certificate);
    } catch {
      throw say(`its certificate number ${index + 1} is damaged`);
    }
  });
  const region = regionOfRds(server);
  // Only the certificates, each on its own lines: OpenSSL ignores one that shares a line with other text.
  if (!region) return certificates.join('\n');
  const roots = withoutOtherRegions(certificates, region);
  if (roots.length === 0) throw say(`it holds no root of RDS in ${region}`);
  return roots.join('\n');
}
