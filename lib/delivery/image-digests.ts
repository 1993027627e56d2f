import { ConfigurationError, type ImageDigests, type ImageName, placeholderDigest } from '../config/index.ts';

/** The variable that tells the synth an image's digest. */
export const digestVariable: Readonly<Record<ImageName, string>> = {
  web: 'WEB_IMAGE_DIGEST',
  sidecar: 'SIDECAR_IMAGE_DIGEST',
};

/** Set where the templates are going to be deployed: placeholders, good enough for tests, are refused there. */
export const digestsRequired = 'IMAGE_DIGESTS_REQUIRED';

/**
 * The digests to deploy: from the variables that the pipeline sets, or placeholders where nothing was built.
 *
 * @throws ConfigurationError when a digest has a wrong form, or is required and missing
 */
export function imageDigestsFrom(environment: NodeJS.ProcessEnv): ImageDigests {
  return { web: digest('web', environment), sidecar: digest('sidecar', environment) };
}

function digest(image: ImageName, environment: NodeJS.ProcessEnv): string {
  const variable = digestVariable[image];
  const value = environment[variable] || placeholderDigest;
  if (!/^sha256:[0-9a-f]{64}$/.test(value)) {
    throw new ConfigurationError(
      `${variable} is ${JSON.stringify(value)}: it must be an image digest, "sha256:" and 64 hexadecimal digits.`,
    );
  }
  if (value === placeholderDigest && environment[digestsRequired]) {
    throw new ConfigurationError(
      `${variable} is not set, but ${digestsRequired} is: it must be the digest that the pipeline's image build has exported.`,
    );
  }
  return value;
}
