import { X509Certificate } from 'node:crypto';

/** Where the images have the authorities of RDS. */
export const rdsAuthoritiesFile = '/etc/ssl/certs/rds-global-bundle.pem';

/** The region of an RDS endpoint such as `music.c0ffee.eu-central-1.rds.amazonaws.com`; undefined of any other name. */
export function regionOfRds(host: string): string | undefined {
  return host.match(/\.([a-z0-9-]+)\.rds\.amazonaws\.com$/)?.[1];
}

/**
 * Those of some certificates that can be the root of a server of Amazon RDS: self-signed, valid now, and by their
 * subjects a root of RDS in a region. Lists of "the authorities of RDS" hold others as well: public authorities of
 * Amazon, which vouch for names all over the web, roots of previews, and roots that have ended.
 *
 * @param certificates each in PEM format
 * @param region the only region whose roots are wanted; default: any
 * @throws errors of `node:crypto` when one is no certificate
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

/** Those of some certificates that are no roots of RDS in other regions. */
export function withoutOtherRegions(certificates: readonly string[], region: string): string[] {
  return certificates.filter((pem) => {
    const itsRegion = regionOfRoot(new X509Certificate(pem));
    return itsRegion === undefined || itsRegion === region;
  });
}

function regionOfRoot({ subject }: X509Certificate): string | undefined {
  return subject.match(/^CN=Amazon RDS ([a-z]{2,}(?:-[a-z]+)+-\d) Root CA \w+ G\d+$/m)?.[1];
}
