import { existsSync } from 'node:fs';
import { createApplication } from '../lib/application.ts';
import { readCdkContext } from '../lib/config/cdk-json.ts';
import { ConfigurationError } from '../lib/config/index.ts';
import { imageDigestsFrom } from '../lib/delivery/image-digests.ts';
import { unusedAcknowledgements } from '../lib/validation/acknowledgements.ts';

try {
  // The CDK passes on what it has parsed, in which the last of duplicate keys has silently won.
  if (existsSync('cdk.json')) readCdkContext('cdk.json');
  const app = createApplication((deployment) => imageDigestsFrom(process.env, deployment));
  app.synth();
  for (const { id, at } of unusedAcknowledgements(app)) {
    console.error(`${at} acknowledges ${id}, but nothing was found there: remove it.`);
    process.exitCode = 1;
  }
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  console.error(`The configuration in cdk.json is wrong.\n${error.message}`);
  process.exitCode = 1;
}
