import { explainAwsError } from '../../lib/aws/errors.ts';
import type { Limits } from '../../lib/aws/patience.ts';
import { releaseContext } from '../../lib/operator/release/context.ts';
import { releaseProgram } from '../../lib/operator/release/program.ts';
import {
  type AwsEndpoint,
  type Operations,
  startAwsEndpoint,
} from '../../local/pipeline/aws/aws-endpoint.ts';
import { keptEnvironment } from '../environment.ts';
import { exampleDeployment } from '../infrastructure/example-deployment.ts';
import { type FakeAction, FakePipeline, type FakeStage } from './fakes/fake-pipeline.ts';

/** What a run of the release tool printed and how it ended. */
export interface ReleaseRun {
  readonly output: string;
  readonly error: string;
  /** Progress messages. */
  readonly words: readonly string[];
  readonly exitCode: number;
}

export interface Harness {
  readonly endpoint: AwsEndpoint;
  /** Runs `npm run release -- …` in this process, against the endpoint. */
  release(...words: string[]): Promise<ReleaseRun>;
  stop(): Promise<void>;
}

/** The example rather than cdk.json, so that adding a service there does not fail a test. */
export const deployment = exampleDeployment();

/** Starts the release tool with the real AWS clients, which talk to these operations on loopback. */
export async function startHarness(
  operations: Operations,
  limits?: Limits,
  signal?: AbortSignal,
  deployed = deployment,
): Promise<Harness> {
  const endpoint = await startAwsEndpoint(operations);
  const restore = keptEnvironment();
  Object.assign(process.env, endpoint.environment);
  return {
    endpoint,
    async release(...command) {
      const lines: string[] = [];
      const words: string[] = [];
      let exitCode = 0;
      const fail = (code = 1) => {
        exitCode = code;
      };
      const program = releaseProgram({
        context: ({ json }) =>
          releaseContext(deployed, {
            json,
            intervalSeconds: 0.02,
            terminal: false,
            signal: signal ?? AbortSignal.timeout(200_000),
            print: (line) => lines.push(line),
            say: (line) => words.push(line),
            limits,
          }),
        fail,
      });
      let error = '';
      program.configureOutput({ writeErr: (text) => (error += text), writeOut: (text) => lines.push(text) });
      for (const each of program.commands) each.exitOverride().copyInheritedSettings(program);
      try {
        await program.parseAsync(command, { from: 'user' });
      } catch (cause) {
        error += explainAwsError(cause);
        fail();
      }
      return { output: lines.join('\n'), words, error, exitCode };
    },
    async stop() {
      await endpoint.stop();
      restore();
    },
  };
}

const build = (name: string, runOrder = 1): FakeAction => ({
  name,
  runOrder,
  category: 'Build',
  provider: 'CodeBuild',
});
const deploy = (name: string): FakeAction => ({
  name,
  runOrder: 1,
  category: 'Deploy',
  provider: 'CloudFormation',
});

/** A pipeline with the stages of the default deployment's. */
export function examplePipeline(): FakePipeline {
  const environment = (name: string, approvals: boolean): FakeStage[] =>
    (['network-directory', 'database', 'service'] as const).flatMap((part) => [
      ...(approvals ? [approvalStage(`${name}-${part}-approval`, `${part} of ${name} would change.`)] : []),
      {
        name: `${name}-${part}`,
        actions: [deploy('Deploy'), ...(part === 'service' ? [build('Integration-test', 2)] : [])],
      },
    ]);
  return new FakePipeline('windows-auth', [
    {
      name: 'Source',
      actions: [{ name: 'Source', runOrder: 1, category: 'Source', provider: 'CodeStarSourceConnection' }],
    },
    { name: 'Build', actions: [build('Image-web'), build('Tests'), build('Synth', 2)] },
    ...environment('staging', false),
    ...environment('production', true),
  ]);
}

export function approvalStage(name: string, summary: string): FakeStage {
  const resolved = { CustomData: summary, ExternalEntityLink: `https://console.example/${name}` };
  return {
    name,
    actions: [
      build('Changes'),
      { name: 'Approve', runOrder: 2, category: 'Approval', provider: 'Manual', resolved },
    ],
  };
}
