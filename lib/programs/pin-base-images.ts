// `pin-base-images.ts DOCKERFILE`: writes the digest of each base image into the Dockerfile, and prints them for the image's
// label.
import { readFileSync, writeFileSync } from 'node:fs';
import { baseImagesText } from '../aws/provenance/base-images.ts';
import { imageVariables } from './image-variables.ts';
import { askRegistry, checkLock, readBaseImageLock } from './images/base-image-lock.ts';
import { pinDockerfile } from './images/dockerfile.ts';
import { progress, runProgram } from './program.ts';

await runProgram(async () => {
  const [dockerfile] = process.argv.slice(2);
  if (!dockerfile) throw new Error('usage: pin-base-images.ts DOCKERFILE');
  const { text, baseImages } = await pinDockerfile(readFileSync(dockerfile, 'utf8'), (name) =>
    askRegistry(name, imageVariables().POLL_SECONDS),
  );
  const lock = readBaseImageLock();
  for (const { name, digest } of baseImages) {
    checkLock(lock, name, digest);
    progress(`Base image ${name}: ${digest}`);
  }
  writeFileSync(dockerfile, text);
  process.stdout.write(baseImagesText(baseImages));
});
