import type { ContainerEngine } from '../../local/containers/engine.ts';
import { type BuiltImage, buildImages, type ImageName } from '../../local/containers/images/build-images.ts';
import { setUpContainers } from '../../local/containers/setup/setup.ts';

export interface BuiltImages {
  readonly engine: ContainerEngine;
  readonly images: Record<ImageName, BuiltImage>;
}

/** Tag and revision of the images under test. */
export const revision = 'under-test';

/** An engine and the images, built unless they are there: a build without changes takes a second or two. */
export async function builtImages(report: (line: string) => void = () => {}): Promise<BuiltImages> {
  const engine = await setUpContainers({ report });
  const images = await buildImages(engine, { repositoryPrefix: 'localhost/test', tag: revision, report });
  return { engine, images };
}
