import {
  ConfigurationError,
  type Deployment,
  type ImageDigests,
  type ImageName,
  imageNames,
  placeholderDigest,
  placeholderDigests,
} from '../config/index.ts';

/** The variable that tells the synth an image's digest, such as `WEB_IMAGE_DIGEST`. */
export function digestVariable(image: ImageName): string {
  return `${image.toUpperCase().replaceAll('-', '_')}_IMAGE_DIGEST`;
}

/** Set where the templates are going to be deployed: placeholders, good enough for tests, are refused there. */
export const digestsRequired = 'IMAGE_DIGESTS_REQUIRED';

/**
 * The digests to deploy: from the variables that the pipeline sets, or placeholders where nothing was built.
 *
 * @throws ConfigurationError when a digest has a wrong form, or is required and missing
 */
export function imageDigestsFrom(
  environment: NodeJS.ProcessEnv,
  deployment: Pick<Deployment, 'services'>,
): ImageDigests {
  const digests = imageNames(deployment).map((image) => [image, digest(image, environment)]);
  return { ...placeholderDigests, ...Object.fromEntries(digests) };
}

function digest(image: ImageName, environment: NodeJS.ProcessEnv): string {
  const variable = digestVariable(image);
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
