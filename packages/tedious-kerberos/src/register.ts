/**
 * Puts `tedious-kerberos/tedious` in place of tedious, for libraries that load tedious themselves: mssql, and what stands
 * on it. Imported for its effect, before such a library is.
 *
 * @throws Error when it comes too late, or when mssql has a copy of tedious of its own
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as own from './tedious.ts';

const require = createRequire(import.meta.url);
const path = require.resolve('tedious');
const dependants = /[\\/]node_modules[\\/]mssql[\\/]lib[\\/]tedious[\\/]/;

// Node.js puts modules here as soon as it has seen what they export; those that have run are "loaded".
if (Object.values(require.cache).some((module) => module?.loaded && dependants.test(module.filename))) {
  throw new Error(
    'mssql is loaded already, with tedious as it is: import "tedious-kerberos/register" before anything else.',
  );
}
for (const place of [join(process.cwd(), 'package.json'), process.argv[1]]) {
  const copy = place && tediousOfMssql(place);
  if (copy && copy !== path) {
    throw new Error(
      `There are two copies of tedious: ${path}, which Kerberos is built into, and ${copy}, which mssql would use. ` +
        `Have one installed, for example with "overrides": { "tedious": "${require('tedious/package.json').version}" } in package.json.`,
    );
  }
}

require('tedious');
const loaded = require.cache[path];
// A plain object: what asks for a CommonJS module may want to put something into it, as instrumentations do.
if (loaded) loaded.exports = { ...own };

/** The tedious that mssql gets, as seen from a file; nothing where there is no mssql. */
function tediousOfMssql(place: string): string | undefined {
  try {
    return createRequire(createRequire(place).resolve('mssql')).resolve('tedious');
  } catch {
    return undefined;
  }
}
