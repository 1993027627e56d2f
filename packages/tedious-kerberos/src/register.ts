/**
 * Replaces tedious with `tedious-kerberos/tedious` for libraries that load tedious themselves: mssql, and libraries built on
 * mssql. Import it for this side effect, before such a library.
 *
 * @throws Error if mssql is already loaded, or would load another copy of tedious
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as own from './tedious.ts';

const require = createRequire(import.meta.url);
const path = require.resolve('tedious');
const dependants = /[\\/]node_modules[\\/]mssql[\\/]lib[\\/]tedious[\\/]/;

// An import caches a CommonJS module as soon as it has parsed its exports; "loaded" is true once the module has run.
if (Object.values(require.cache).some((module) => module?.loaded && dependants.test(module.filename))) {
  throw new Error(
    'mssql has already loaded the original tedious: import "tedious-kerberos/register" before anything else.',
  );
}
for (const place of [join(process.cwd(), 'package.json'), process.argv[1]]) {
  const copy = place && tediousOfMssql(place);
  if (copy && copy !== path) {
    throw new Error(
      `There are two copies of tedious: ${path}, which Kerberos is built into, and ${copy}, which mssql would use. ` +
        `Make npm install only one, for example with "overrides": { "tedious": "${require('tedious/package.json').version}" } in package.json.`,
    );
  }
}

require('tedious');
const loaded = require.cache[path];
// A plain, writable object, because instrumentations modify the exports of a CommonJS module.
if (loaded) loaded.exports = { ...own };

/** The path of the tedious that mssql loads, as resolved from this file; undefined if mssql is not installed. */
function tediousOfMssql(place: string): string | undefined {
  try {
    return createRequire(createRequire(place).resolve('mssql')).resolve('tedious');
  } catch {
    return undefined;
  }
}
