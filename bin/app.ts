import { createApplication } from '../lib/application.ts';
import { ConfigurationError } from '../lib/config/index.ts';
import { imageDigestsFrom } from '../lib/pipeline/image-digests.ts';

try {
  createApplication(imageDigestsFrom(process.env));
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  console.error(`The configuration in cdk.json is wrong.\n${error.message}`);
  process.exitCode = 1;
}
