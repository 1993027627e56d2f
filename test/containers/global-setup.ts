import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { sourceAddress } from '../../lib/config/index.ts';
import { buildImages, type Images } from '../../local/containers/images/build-images.ts';
import { setUpContainers } from '../../local/containers/setup/setup.ts';
import { configuredDeployment } from '../../local/pipeline/cdk-context.ts';
import { removeLeftOver } from './left-over.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    images: Images;
  }
}

/** Tag and revision of the images under test. */
export const revision = 'under-test';
const repositoryPrefix = 'localhost/test';
/** The source address in their labels. */
export const source = sourceAddress(configuredDeployment());

/**
 * Sets up a container engine and builds the images once for all test files, with the commands of the pipeline's
 * buildspec. For one image it runs all of them, with npm packages freshly installed in a copy of the source.
 */
export default async function setup({ provide }: TestProject): Promise<void> {
  const started = performance.now();
  const report = (line: string) =>
    console.log(`${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s  ${line}`);
  const engine = await setUpContainers({ report });
  await removeLeftOver(engine, `${repositoryPrefix}/`);
  const images = await buildImages(engine, {
    repositoryPrefix,
    tag: revision,
    logFile: join('.state', 'logs', 'test-images.log'),
    install: ['web'],
    report,
  });
  provide('images', images);
  report('the images are built');
}
