import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const repository = join(import.meta.dirname, '..', '..', '..');

/**
 * The Dockerfiles based on an image with Node.js, as paths from the repository's root; the engine pulls any other base.
 */
export function nodeDockerfiles(): string[] {
  const all = globSync('services/{,*/}Dockerfile', { cwd: repository }).sort();
  return all.filter((path) => /^ARG NODE_IMAGE=/m.test(readFileSync(join(repository, path), 'utf8')));
}

/** The Dockerfile of a service: the one in its folder, or else the one that the other services share. */
export function dockerfileOf(service: string): string {
  const own = `services/${service}/Dockerfile`;
  return existsSync(join(repository, own)) ? own : 'services/Dockerfile';
}
