// Prints `present` when the image of this commit is in the registry, `absent` when it is not.

import { imageVariables } from './image-variables.ts';
import { Registry } from './images/registry.ts';
import { runProgram } from './program.ts';

await runProgram(async () => {
  const { AWS_REGION, IMAGE_REPOSITORY, IMAGE_TAG } = imageVariables();
  const digest = await new Registry(AWS_REGION).digest({ repository: IMAGE_REPOSITORY, tag: IMAGE_TAG });
  console.log(digest ? 'present' : 'absent');
});
