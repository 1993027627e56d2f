// `npm run lock-base-images`: writes the current digests of the base images of all Dockerfiles to base-images.json.
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { askRegistry, baseImageLockFile } from './images/base-image-lock.ts';
import { pinDockerfile } from './images/dockerfile.ts';
import { progress, runProgram } from './program.ts';

await runProgram(async () => {
  const lock = new Map<string, string>();
  for (const dockerfile of globSync('services/{,*/}Dockerfile').sort()) {
    const pinned = await pinDockerfile(readFileSync(dockerfile, 'utf8'), async (name) => {
      return lock.get(name) ?? (await askRegistry(name));
    });
    for (const { name, digest } of pinned.baseImages) lock.set(name, digest);
  }
  writeFileSync(baseImageLockFile, `${JSON.stringify(Object.fromEntries(lock), undefined, 2)}\n`);
  for (const [name, digest] of lock) progress(`${name}: ${digest}`);
});
