/**
 * Requires tedious, which instrumentations such as OpenTelemetry's patch when it is required; an import they see only
 * through a loader hook. It stays one tedious, and what is patched is its prototype.
 */
import { createRequire } from 'node:module';

try {
  createRequire(import.meta.url)('tedious');
} catch {
  // In a bundle there is none to be required, and nothing to be patched.
}
