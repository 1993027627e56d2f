// `check-provenance --assembly DIRECTORY REGION/STACK=TEMPLATE…`: fails with an error for each image of these templates
// that the pipeline has not signed for the commit, before any of them is deployed.
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { type BaseImage, baseImagesText, differingBases } from '../aws/provenance/base-images.ts';
import { ProvenanceStore, SigningKey } from '../aws/provenance/store.ts';
import { templateImages } from '../aws/provenance/template-images.ts';
import { verifyImage } from '../aws/provenance/verify-image.ts';
import { namedStack } from './changes/assembly.ts';
import { progress, readVariables, runProgram, words } from './program.ts';

const text = z.string('it is required.').min(1, 'it must not be empty.');

async function checkProvenance(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { assembly: { type: 'string' } },
  });
  const { assembly } = values;
  if (!assembly || positionals.length === 0) {
    throw new Error('usage: check-provenance --assembly DIRECTORY REGION/STACK=TEMPLATE…');
  }
  const { TOOLS_REGION: region, ...variables } = readVariables({
    TOOLS_REGION: text,
    REVISION: text,
    REPOSITORY: text,
    SIGNING_KEY: text,
    PROVENANCE_BUCKET: text,
    GIVEN_IMAGES: words,
  });
  const store = new ProvenanceStore(variables.PROVENANCE_BUCKET, { region });
  const key = await new SigningKey(variables.SIGNING_KEY, { region }).publicKey();
  const given = variables.GIVEN_IMAGES;
  for (const uri of given) progress(`${uri}: given by the configuration; neither built nor signed here`);
  const images = positionals.flatMap((stack) => templateImages(namedStack(assembly, stack).template, given));
  if (images.length === 0) throw new Error('These templates run no image: nothing could be verified.');
  const refused: string[] = [];
  const bases: { name: string; baseImages: readonly BaseImage[] }[] = [];
  for (const image of images) {
    const { name, digest } = image;
    const kept = await store.find(image, variables.REVISION);
    try {
      const expected = { ...image, revision: variables.REVISION, repository: variables.REPOSITORY };
      const { stated, unchanged } = verifyImage(kept, key, expected);
      const { build, baseImages } = stated;
      const since = unchanged ? `, of ${stated.revision}, unchanged at ${unchanged.revision}` : '';
      const from = baseImagesText(baseImages) || 'no recorded base image';
      progress(`${name}@${digest}: built by ${build} from ${from}${since}`);
      bases.push({ name, baseImages });
    } catch (error) {
      refused.push((error as Error).message);
    }
  }
  for (const sentence of differingBases(bases)) progress(sentence);
  if (refused.length > 0) throw new Error(['Nothing is deployed.', ...refused].join('\n'));
}

runProgram(checkProvenance);
