import { inject } from 'vitest';
import type { ContainerEngine } from '../../local/containers/engine.ts';
import type { Images } from '../../local/containers/images/build-images.ts';
import { setUpContainers } from '../../local/containers/setup/setup.ts';

export interface BuiltImages {
  readonly engine: ContainerEngine;
  readonly images: Images;
}

/** The engine, and the images built for this test run. */
export async function builtImages(): Promise<BuiltImages> {
  return { engine: await setUpContainers(), images: inject('images') };
}
