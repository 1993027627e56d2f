import { X509Certificate } from 'node:crypto';

/** Where the images keep the certificate authorities of RDS. */
export const rdsAuthoritiesFile = '/etc/ssl/certs/rds-global-bundle.pem';

/**
 * The region of an RDS endpoint such as `music.c0ffee.eu-central-1.rds.amazonaws.com`; undefined for any other name.
 */
export function regionOfRds(host: string): string | undefined {
  return host.match(/\.([a-z0-9-]+)\.rds\.amazonaws\.com$/)?.[1];
}

/**
 * Selects the certificates that can be the root of an Amazon RDS server: self-signed, currently valid, and with the
 * subject of an RDS root of some region. Lists of "RDS authorities" also contain others: Amazon's public authorities,
 * which vouch for names all over the web, roots of previews, and expired roots.
 *
 * @param certificates each in PEM format
 * @param region select only roots of this region; default: any
 * @throws errors of `node:crypto` if one is not a certificate
 */
export function rdsRoots(
  certificates: readonly string[],
  { region, at = new Date() }: { readonly region?: string | undefined; readonly at?: Date } = {},
): string[] {
  return certificates.filter((pem) => {
    const certificate = new X509Certificate(pem);
    const itsRegion = regionOfRoot(certificate);
    return (
      itsRegion !== undefined &&
      (region === undefined || itsRegion === region) &&
      certificate.ca &&
      certificate.verify(certificate.publicKey) &&
      new Date(certificate.validFrom) <= at &&
      at < new Date(certificate.validTo)
    );
  });
}

/** Removes the RDS roots of other regions from a list of certificates. */
export function withoutOtherRegions(certificates: readonly string[], region: string): string[] {
  return certificates.filter((pem) => {
    const itsRegion = regionOfRoot(new X509Certificate(pem));
    return itsRegion === undefined || itsRegion === region;
  });
}

function regionOfRoot({ subject }: X509Certificate): string | undefined {
  return subject.match(/^CN=Amazon RDS ([a-z]{2,}(?:-[a-z]+)+-\d) Root CA \w+ G\d+$/m)?.[1];
}
