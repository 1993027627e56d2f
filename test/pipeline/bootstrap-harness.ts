import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deployment } from '../../lib/config/index.ts';
import { bootstrapProgram } from '../../lib/operator/bootstrap/program.ts';
import { explainFailure } from '../../lib/operator/run-tool.ts';
import { type AwsEndpoint, startAwsEndpoint } from '../../local/pipeline/aws/aws-endpoint.ts';
import { keptEnvironment } from '../environment.ts';
import { FakeAccounts } from './fakes/bootstrap-operations.ts';
import { shownTemplate } from './shown-template.ts';

/** The output of a run of the bootstrap, the commands that it gave to the CDK, and its exit code. */
export interface BootstrapRun {
  readonly output: string;
  readonly commands: readonly (readonly string[])[];
  readonly exitCode: number;
}

export interface BootstrapHarness {
  readonly accounts: FakeAccounts;
  readonly endpoint: AwsEndpoint;
  /** The folder of the templates for the CDK. */
  readonly directory: string;
  /** The CDK context of cdk.json. */
  context: Record<string, unknown>;
  deployment: Deployment;
  /** Runs `npm run bootstrap -- …` in this process; in place of `cdk`, the commands are recorded and applied to the fake. */
  run(...words: string[]): Promise<BootstrapRun>;
  stop(): Promise<void>;
}

/** Starts the bootstrap with the real AWS clients, which talk to accounts on loopback. */
export async function startBootstrap(deployment: Deployment): Promise<BootstrapHarness> {
  const { region } = deployment.tools;
  const accounts = new FakeAccounts();
  const endpoint = await startAwsEndpoint(accounts.operations(region));
  const restore = keptEnvironment();
  Object.assign(process.env, endpoint.environment);
  const directory = mkdtempSync(join(tmpdir(), 'bootstrap-'));
  const harness: BootstrapHarness = {
    accounts,
    endpoint,
    directory,
    context: {},
    deployment,
    async run(...words) {
      const lines: string[] = [];
      const commands: string[][] = [];
      let exitCode = 0;
      const program = bootstrapProgram({
        deployment: () => harness.deployment,
        context: () => harness.context,
        print: (line) => lines.push(line),
        cdk: async (args) => {
          commands.push([...args]);
          bootstrapped(accounts, region, args);
        },
        shownTemplate: async () => shownTemplate,
        directory,
        fail: () => {
          exitCode = 1;
        },
        pollSeconds: 0.01,
      });
      try {
        await program.parseAsync(words, { from: 'user' });
      } catch (error) {
        lines.push(explainFailure(error));
        exitCode = 1;
      }
      return { output: lines.join('\n'), commands, exitCode };
    },
    async stop() {
      restore();
      await endpoint.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return harness;
}

/** Adds the stack that `cdk bootstrap` creates. */
function bootstrapped(accounts: FakeAccounts, region: string, args: readonly string[]): void {
  const account = args[1]?.split('/')[2] ?? '';
  const value = (name: string) => args[args.indexOf(name) + 1] ?? '';
  accounts.in(`${account}/${region}`).set(value('--toolkit-stack-name'), {
    status: 'CREATE_COMPLETE',
    termination: args.includes('--termination-protection'),
    parameters: {
      Qualifier: value('--qualifier'),
      BootstrapVariant: JSON.parse(readFileSync(value('--template'), 'utf8')).Parameters.BootstrapVariant
        .Default,
      TrustedAccounts: args.includes('--trust') ? value('--trust') : '',
      CloudFormationExecutionPolicies: value('--cloudformation-execution-policies'),
    },
    outputs: { BootstrapVersion: '33' },
  });
}
