/**
 * Loads tedious with `require`, because instrumentations such as OpenTelemetry's patch it when it is required, and notice an
 * `import` only with a loader hook. Both load the same copy of tedious, and the patch is made on its prototype.
 */
import { createRequire } from 'node:module';

try {
  createRequire(import.meta.url)('tedious');
} catch {
  // In a bundle there is no separate tedious to require or to patch.
}
