import {
  ConfigurationError,
  type Deployment,
  type ImageDigests,
  type ImageName,
  perImage,
  placeholderDigest,
} from '../config/index.ts';

/**
 * The variable with the digests for the synth: `web=sha256:… sidecar=sha256:…`. One variable for all images, because
 * CodePipeline limits the total length of an action's variables.
 */
export const digestsVariable = 'IMAGE_DIGESTS';

/** Set when the templates will be deployed: placeholders, which suffice for tests, are then refused. */
export const digestsRequired = 'IMAGE_DIGESTS_REQUIRED';

/** The digests in the variable's format. */
export function digestsInWords(digests: Iterable<readonly [image: ImageName, digest: string]>): string {
  return [...digests].map(([image, digest]) => `${image}=${digest}`).join(' ');
}

/**
 * The digests to deploy: from the variable that the pipeline sets, or placeholders if it is not set.
 *
 * @throws ConfigurationError when a digest is malformed, or is required and missing
 */
export function imageDigestsFrom(
  environment: NodeJS.ProcessEnv,
  deployment: Pick<Deployment, 'services'>,
): ImageDigests {
  const words = (environment[digestsVariable] ?? '').split(' ').filter(Boolean);
  const told = new Map(words.map((word) => word.split(/=(.*)/, 2) as [ImageName, string]));
  const required = Boolean(environment[digestsRequired]);
  return perImage(deployment, (image) => digest(image, told.get(image), required));
}

function digest(image: ImageName, told: string | undefined, required: boolean): string {
  const value = told || placeholderDigest;
  if (!/^sha256:[0-9a-f]{64}$/.test(value)) {
    throw new ConfigurationError(
      `${digestsVariable} has ${JSON.stringify(value)} for ${image}: it must be an image digest, "sha256:" and 64 hexadecimal digits.`,
    );
  }
  if (value === placeholderDigest && required) {
    throw new ConfigurationError(
      `${digestsVariable} has no digest for ${image}, but ${digestsRequired} is set: it must be the digest that the pipeline's image build has exported.`,
    );
  }
  return value;
}
