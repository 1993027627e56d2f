import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.ts';

const services = join(import.meta.dirname, '..', '..', 'services');

/**
 * Builds the programs of a service for its image and for the rehearsal. If the service has a `build.ts`, calls its
 * `buildService`; otherwise builds `main.mjs` and, if the service has a health command, `health.mjs`.
 *
 * @param service name of its folder in `services/`
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
