// Runs the integration test of an environment from the pipeline. The exit code is 0 if all tests pass, otherwise 1.
import * as z from 'zod';
import { buildClients } from '../aws/clients.ts';
import { outcomeLines } from '../aws/integration-test/print-outcome.ts';
import { runIntegrationTest } from '../aws/integration-test/run-integration-test.ts';
import { readVariables, runProgram } from './program.ts';

async function main(): Promise<void> {
  const { TEST_PROJECT, TEST_REGION, TEST_ROLE_ARN, POLL_SECONDS } = readVariables({
    TEST_PROJECT: z.string('it must be the name of a CodeBuild project.').min(1),
    TEST_REGION: z.string('it must be an AWS region.').min(1),
    TEST_ROLE_ARN: z
      .string('it must be the ARN of a role.')
      .startsWith('arn:', 'it must be the ARN of a role.'),
    POLL_SECONDS: z.coerce.number('it must be a number of seconds.').positive().default(5),
  });
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const clients = buildClients({ region: TEST_REGION, roleArn: TEST_ROLE_ARN, signal: stop.signal });
  const outcome = await runIntegrationTest(clients, {
    project: TEST_PROJECT,
    report: console.log,
    signal: stop.signal,
    intervalSeconds: POLL_SECONDS,
  });
  for (const line of outcomeLines(TEST_PROJECT, outcome)) console.log(line);
  process.exitCode = outcome.passedAll ? 0 : 1;
}

runProgram(main);
