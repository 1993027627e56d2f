import type { Deployment } from './deployment.ts';

/**
 * The address of a deployment's source, for people and for the image label `org.opencontainers.image.source`. A
 * repository behind a connection is assumed to be on GitHub.
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
