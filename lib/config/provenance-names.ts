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
} {
  const folder = `${name}/${digest.replace(':', '-')}`;
  return { statement: `${folder}/statement.dsse.json`, sbom: `${folder}/sbom.cdx.json` };
}
