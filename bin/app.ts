import { createApplication } from '../lib/application.ts';
import { ConfigurationError } from '../lib/config/index.ts';
import { imageDigestsFrom } from '../lib/delivery/image-digests.ts';
import { unusedAcknowledgements } from '../lib/validation/acknowledgements.ts';

try {
  const app = createApplication((deployment) => imageDigestsFrom(process.env, deployment));
  app.synth();
  for (const { id, at } of unusedAcknowledgements(app)) {
    console.error(`${at} acknowledges ${id}, which nobody has found there: take it away.`);
    process.exitCode = 1;
  }
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  console.error(`The configuration in cdk.json is wrong.\n${error.message}`);
  process.exitCode = 1;
}
