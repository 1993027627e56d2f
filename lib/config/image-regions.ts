import type { Deployment } from './index.ts';

/** The regions that hold the images: first the tools region, where they are pushed, then those of the environments. */
export function imageRegions({ tools, environments }: Deployment): readonly string[] {
  return [...new Set([tools.region, ...environments.map(({ region }) => region)])];
}
