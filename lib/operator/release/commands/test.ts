import { outcomeLines } from '../../../aws/integration-test/print-outcome.ts';
import { runIntegrationTest } from '../../../aws/integration-test/run-integration-test.ts';
import { namesOf } from '../../../config/index.ts';
import { heartbeat } from '../../heartbeat.ts';
import { findEnvironment, type ReleaseContext } from '../context.ts';

/**
 * `release test <environment>`: the same test that the pipeline runs.
 *
 * @returns whether all tests passed
 */
export async function test(context: ReleaseContext, environmentName: string): Promise<boolean> {
  const { deployment, print, json, voice, signal, intervalSeconds } = context;
  const environment = findEnvironment(deployment, environmentName);
  const { integrationTestProject, integrationTestRole } = namesOf(deployment, environment);
  const role = `arn:aws:iam::${environment.account}:role/${integrationTestRole}`;
  const { heard, beat } = heartbeat(voice.say);
  const outcome = await runIntegrationTest(context.clientsFor(environment.region, role), {
    project: integrationTestProject,
    report: (line) => {
      if (json) return;
      print(line);
      heard();
    },
    waiting: () => beat(() => `The test of ${environmentName} goes on.`),
    signal,
    intervalSeconds,
  });
  if (json) print(JSON.stringify({ environment: environmentName, ...outcome }, undefined, 2));
  else for (const line of outcomeLines(environmentName, outcome)) print(line);
  return outcome.passedAll;
}
