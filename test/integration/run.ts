// `node test/integration/run.ts`: the test that the pipeline and the rehearsal run after a deployment.
// The exit code is 0 if the service passes, 1 if it fails or a setting is wrong.
import { join, resolve } from 'node:path';
import { startVitest } from 'vitest/node';
import { readSettings } from './settings.ts';

try {
  const { reportFile } = readSettings(process.env);
  // Relative to the current directory, not to this folder.
  process.env.REPORT_FILE = resolve(reportFile);
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}

const vitest = await startVitest('test', [], {
  config: join(import.meta.dirname, 'vitest.config.ts'),
  watch: false,
});
await vitest.close();
console.log(`Report: ${process.env.REPORT_FILE}`);
