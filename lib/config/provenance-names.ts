import type { Deployment } from './deployment.ts';

/** The bucket in the tools account and region that stores signed statements about images, and bills of materials. */
export function provenanceBucketName({ name, tools }: Deployment): string {
  return `${name}-provenance-${tools.account}-${tools.region}`;
}

/** The alias of the key that signs statements about images. */
export function signingKeyAlias({ name }: Deployment): string {
  return `alias/${name}-provenance`;
}

/** An image by the name of its repository, such as `windows-auth/web`, and its digest. */
export interface NamedImage {
  readonly name: string;
  /** `sha256:…` */
  readonly digest: string;
}

/** The object keys in that bucket for an image. */
export function provenanceKeys({ name, digest }: NamedImage): {
  readonly statement: string;
  readonly sbom: string;
  /** For the statement that a commit left the image unchanged. */
  unchanged(revision: string): string;
} {
  const folder = `${name}/${digest.replace(':', '-')}`;
  return {
    statement: `${folder}/statement.dsse.json`,
    sbom: `${folder}/sbom.cdx.json`,
    unchanged: (revision) => `${folder}/unchanged/${revision}.dsse.json`,
  };
}

/** The object key for the digest of the image last built from the given inputs. */
export function builtOfKey(name: string, inputs: string): string {
  return `${name}/inputs/${inputs}`;
}
