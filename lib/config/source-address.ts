import type { Deployment } from './deployment.ts';

/**
 * Where the source of a deployment is, as an address for people and for the images' label
 * `org.opencontainers.image.source`. A repository behind a connection is taken for one of GitHub's.
 *
 * @see https://github.com/opencontainers/image-spec/blob/main/annotations.md
 */
export function sourceAddress({ source, tools }: Pick<Deployment, 'source' | 'tools'>): string {
  if (source.type === 'connection') return `https://github.com/${source.repository}`;
  if (source.type === 'codecommit') {
    return `https://git-codecommit.${tools.region}.amazonaws.com/v1/repos/${source.repository}`;
  }
  return `s3://${source.bucket}/${source.key}`;
}
