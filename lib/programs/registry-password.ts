// Prints the registry's password to a pipe, for `docker login --password-stdin`.

import { imageVariables } from './image-variables.ts';
import { Registry } from './images/registry.ts';
import { runProgram } from './program.ts';

await runProgram(async () => {
  process.stdout.write(await new Registry(imageVariables().AWS_REGION).password());
});
