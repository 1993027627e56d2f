// Prints `present` if the registry has this commit's image, `reused` if this commit has not changed the image and another
// commit's now has its tag, and `absent` if the image must be built. Logs the reason.
import * as z from 'zod';
import { explainAwsError } from '../aws/errors.ts';
import { ProvenanceStore, SigningKey } from '../aws/provenance/store.ts';
import { verifyImage } from '../aws/provenance/verify-image.ts';
import { verifySbom } from '../aws/provenance/verify-statement.ts';
import { imageVariables } from './image-variables.ts';
import { readAcceptedFindings } from './images/accepted-findings.ts';
import { checkNode, contentsOf } from './images/contents.ts';
import { Registry } from './images/registry.ts';
import { reasonAgainst } from './images/reuse.ts';
import { checkScan } from './images/scan-gate.ts';
import { progress, readVariables, runProgram } from './program.ts';

// A pipeline from before images were reused sets none of these variables; then every image is built.
const told = z.string().default('');

await runProgram(async () => {
  const {
    AWS_REGION,
    IMAGE_REPOSITORY: name,
    IMAGE_TAG: tag,
    FAIL_ON_SEVERITY: threshold,
  } = imageVariables();
  const registry = new Registry(AWS_REGION);
  if (await registry.digest({ repository: name, tag })) {
    progress(
      `${name}:${tag} exists: an earlier build of this commit has built it, or has found it unchanged.`,
    );
    console.log('present');
    return;
  }
  const { key, bucket, inputs, repository } = provenance();
  const store = new ProvenanceStore(bucket, { region: AWS_REGION });
  const rules = { threshold, accepted: readAcceptedFindings(), today: new Date().toISOString().slice(0, 10) };

  /** Reuses the image that was last built from the same inputs. @throws Error with the reason why that is not allowed */
  const takeOver = async (digest: string): Promise<string> => {
    const image = { name, digest };
    const kept = await store.find(image);
    const publicKey = await new SigningKey(key, { region: AWS_REGION }).publicKey();
    const { stated } = verifyImage(kept, publicKey, { ...image, repository });
    const against = reasonAgainst(stated, { inputs, at: new Date() });
    if (against) throw new Error(`${name}@${digest}: ${against}.`);
    const reference = { repository: name, tag: stated.revision };
    if ((await registry.digest(reference)) !== digest) {
      throw new Error(`The registry no longer has ${name}:${stated.revision} with the digest ${digest}.`);
    }
    const scan = await registry.scan(reference);
    if (!scan) throw new Error(`The scan of ${name}:${stated.revision} has not finished.`);
    checkScan(`${name}:${stated.revision}`, scan, rules);
    // The gate Audit checks its npm packages, which are those of this commit's lock file.
    await checkNode(`${name}:${stated.revision}`, contentsOf(verifySbom(kept.sbom, stated)), rules);
    await registry.addTag(image, tag);
    return `${name}@${digest} is reused: built from ${stated.revision} by ${stated.build}, and ${tag} has the same inputs (key ${inputs}).`;
  };

  try {
    const last = inputs && (await store.builtOf(name, inputs));
    if (last) progress(await takeOver(last));
    else progress(`${name} is built: no signed image has the same inputs (key ${inputs || 'not known'}).`);
    console.log(last ? 'reused' : 'absent');
  } catch (error) {
    progress(`${name} is built, and no earlier image is reused. ${explainAwsError(error)}`);
    console.log('absent');
  }
});

function provenance() {
  const variables = readVariables({
    SIGNING_KEY: told,
    PROVENANCE_BUCKET: told,
    IMAGE_INPUTS: told,
    IMAGE_SOURCE: told,
  });
  const { SIGNING_KEY: key, PROVENANCE_BUCKET: bucket, IMAGE_SOURCE: repository } = variables;
  const inputs = key && bucket && repository && variables.IMAGE_INPUTS;
  return { key, bucket, inputs, repository };
}
