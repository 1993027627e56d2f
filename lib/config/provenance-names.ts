import type { Deployment } from './deployment.ts';

/** The bucket in the tools account and region that keeps what was signed about images, and their bills of materials. */
export function provenanceBucketName({ name, tools }: Deployment): string {
  return `${name}-provenance-${tools.account}-${tools.region}`;
}

/** The alias of the key that statements about images are signed with. */
export function signingKeyAlias({ name }: Deployment): string {
  return `alias/${name}-provenance`;
}

/** An image by the name of its repository, such as `windows-auth/web`, and its digest. */
export interface NamedImage {
  readonly name: string;
  /** `sha256:…` */
  readonly digest: string;
}

/** Where what is known of an image is in that bucket. */
export function provenanceKeys({ name, digest }: NamedImage): {
  readonly statement: string;
  readonly sbom: string;
  /** That a commit has left the image unchanged. */
  unchanged(revision: string): string;
} {
  const folder = `${name}/${digest.replace(':', '-')}`;
  return {
    statement: `${folder}/statement.dsse.json`,
    sbom: `${folder}/sbom.cdx.json`,
    unchanged: (revision) => `${folder}/unchanged/${revision}.dsse.json`,
  };
}

/** Where the digest of the image is that was last built of something, by the key of that. */
export function builtOfKey(name: string, inputs: string): string {
  return `${name}/inputs/${inputs}`;
}
