import { join } from 'node:path';
import { execa } from 'execa';
import { logTail } from '../processes/managed-process.ts';
import type { World } from './world.ts';

/**
 * Runs the test that the pipeline runs after a deployment, against the load balancer.
 *
 * @throws Error naming the failed cases and the log
 */
export async function runIntegrationTest(world: World, report: (line: string) => void): Promise<void> {
  const { names, stateDirectory, taskCount } = world;
  const { url } = world.part('loadBalancer');
  const logFile = join(stateDirectory, 'logs', 'integration-test.log');
  const reportFile = join(stateDirectory, 'reports', 'integration.xml');
  report(`testing ${url}`);
  const { failed } = await execa(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join('test', 'integration', 'run.ts')],
    {
      cwd: join(import.meta.dirname, '..', '..'),
      env: {
        PATH: process.env.PATH,
        SERVICE_URL: url,
        EXPECTED_LOGIN: names.login,
        EXPECTED_SCHEME: 'KERBEROS',
        EXPECTED_TASKS: String(taskCount),
        READY_SECONDS: '30',
        REPORT_FILE: reportFile,
        NO_COLOR: '1',
      },
      extendEnv: false,
      stdout: { file: logFile },
      stderr: { file: logFile },
      reject: false,
      timeout: 120_000,
    },
  );
  if (failed) {
    throw new Error(`The integration test failed; its report is ${reportFile}.\n${logTail(logFile, 30)}`);
  }
  report(`passed; report: ${reportFile}`);
}
