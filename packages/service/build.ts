import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.ts';

const services = join(import.meta.dirname, '..', '..', 'services');

/**
 * Makes the programs of a service, as its image holds them and the rehearsal runs them: by `buildService` of its `build.ts`
 * if there is one, else `main.mjs` and, if it has a health command, `health.mjs`.
 *
 * @param service its folder in `services/`
 */
export async function buildService(service: string, outputDirectory: string): Promise<void> {
  const folder = join(services, service);
  const own = join(folder, 'build.ts');
  if (existsSync(own)) {
    const program = (await import(own)) as { buildService: (outputDirectory: string) => Promise<unknown> };
    await program.buildService(outputDirectory);
  } else {
    const health = existsSync(join(folder, 'src', 'health.ts')) ? ['health'] : [];
    await bundle(folder, outputDirectory, ['main', ...health]);
  }
}

if (import.meta.main) {
  const [service, outputDirectory] = process.argv.slice(2);
  if (!service || !outputDirectory) throw new Error('usage: build.ts SERVICE DIRECTORY');
  await buildService(service, outputDirectory);
}
