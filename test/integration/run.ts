// `node test/integration/run.ts`: the test that the pipeline and the rehearsal run after a deployment.
// The exit code is 0 when the service is as it should be, 1 when it is not or a setting is wrong.
import { join, resolve } from 'node:path';
import { startVitest } from 'vitest/node';
import { readSettings } from './settings.ts';

try {
  const { reportFile } = readSettings(process.env);
  // Relative to where we were started, not to this folder.
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
