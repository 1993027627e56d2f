import { section, text } from './fields.ts';

/** An image by its digest in a registry of ECR: account, region, repository, digest. */
const form =
  /^(\d{12})\.dkr\.ecr\.([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com\/(?=[^@]{2,256}@)([a-z0-9]+(?:[._/-][a-z0-9]+)*)@(sha256:[0-9a-f]{64})$/;

/**
 * An image that others built. Named by digest, because a tag may be moved to another image; in ECR, because tasks reach
 * no other registry.
 */
export const givenImage = section({
  uri: text(
    form,
    'an image in ECR by its digest, such as "111111111111.dkr.ecr.eu-central-1.amazonaws.com/team/reports@sha256:…": a tag may be moved, and tasks reach no other registry',
  ),
});

export interface GivenImage {
  readonly uri: string;
}

/** Splits an image's URI. @throws Error if it does not have the form that the configuration has checked */
export function partsOf({ uri }: GivenImage) {
  const [, account = '', region = '', repository = '', digest = ''] = form.exec(uri) ?? [];
  if (!digest) throw new Error(`${uri} is no image by its digest.`);
  const repositoryArn = `arn:aws:ecr:${region}:${account}:repository/${repository}`;
  return { account, region, repository, digest, repositoryArn };
}
