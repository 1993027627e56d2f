import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deploymentTemplate } from '../../lib/operator/bootstrap/deployment-template.ts';
import { executionPolicy } from '../../lib/operator/bootstrap/execution-policy.ts';
import { permissionsBoundary } from '../../lib/operator/bootstrap/permissions-boundary.ts';
import type { AwsEndpoint } from '../../local/pipeline/aws/aws-endpoint.ts';
import { exampleDeployment } from '../infrastructure/synthesize.ts';
import { type BootstrapHarness, startBootstrap } from './bootstrap-harness.ts';
import type { FakeAccounts } from './fakes/bootstrap-operations.ts';

const deployment = exampleDeployment();
const { region } = deployment.tools;
const [tools, staging, production] = ['111111111111', '222222222222', '333333333333'] as const;

const variant = 'windows-auth: roles for its own pipeline alone';

let harness: BootstrapHarness;
let accounts: FakeAccounts;
let endpoint: AwsEndpoint;
let run: BootstrapHarness['run'];
beforeEach(async () => {
  harness = await startBootstrap(deployment);
  ({ accounts, endpoint, run } = harness);
});
afterEach(() => harness.stop());

/** Bootstraps every account, and adds the stack of the pipeline. */
async function complete(): Promise<void> {
  for (const account of [staging, production, tools]) {
    accounts.current = account;
    expect((await run()).exitCode).toBe(0);
  }
  accounts.in(`${tools}/${region}`).set('windows-auth-pipeline', { status: 'CREATE_COMPLETE' });
}

test.each([
  [
    'ROLLBACK_COMPLETE',
    'Fix the cause, delete the stack with "npm run release -- recover", then run this again.',
  ],
  ['UPDATE_ROLLBACK_COMPLETE', 'CloudFormation has restored the earlier policies.'],
])(
  'if the stack of the policies ends as %s, the cause and the remedy are reported',
  async (status, remedy) => {
    const { accounts, run } = harness;
    accounts.current = staging;
    if (status.startsWith('UPDATE')) {
      await run();
      Object.assign(accounts.in(`${staging}/${region}`).get('windows-auth-deployment') ?? {}, {
        template: '{}',
      });
    }
    accounts.failure = { status, reason: 'A policy called windows-auth-boundary already exists.' };
    const { output, exitCode } = await run();
    expect(exitCode).toBe(1);
    expect(output).toContain(
      `The stack windows-auth-deployment is ${status}: Boundary (AWS::IAM::ManagedPolicy): CREATE_FAILED: A policy called windows-auth-boundary already exists. ${remedy}`,
    );
  },
);

test('if the template for the CDK cannot be written, this is reported and the CDK is not run', async () => {
  accounts.current = staging;
  const file = join(harness.directory, `bootstrap-${staging}-${region}.json`);
  mkdirSync(file);
  const { output, commands, exitCode } = await run();
  expect(output).toContain(`The template for the CDK could not be written to ${file}: EISDIR`);
  expect([commands, exitCode]).toEqual([[], 1]);
});

test('an account gets its policy, then a bootstrap that deploys with it and trusts the tools account', async () => {
  accounts.current = staging;
  const { output, commands, exitCode } = await run();
  expect(exitCode).toBe(0);
  const policy = accounts.in(`${staging}/${region}`).get('windows-auth-deployment');
  expect(policy).toEqual({
    status: 'CREATE_COMPLETE',
    termination: true,
    template: JSON.stringify(deploymentTemplate(deployment, staging)),
  });
  expect(commands).toEqual([
    [
      'bootstrap',
      `aws://${staging}/${region}`,
      ...['--template', join(harness.directory, `bootstrap-${staging}-${region}.json`)],
      ...['--qualifier', 'wind0e5fc5'],
      ...['--toolkit-stack-name', 'CDKToolkit-wind0e5fc5'],
      ...['--cloudformation-execution-policies', `arn:aws:iam::${staging}:policy/windows-auth-deployment`],
      ...['--trust', tools],
      '--termination-protection',
    ],
  ]);
  expect(output).toContain(`tools (${tools}, ${region})`);
  expect(output).toContain(`production (${production}, ${region})`);
});

test('the tools account trusts no other; a repetition changes nothing, a new configuration only the policy', async () => {
  const { commands, output } = await run();
  expect(commands.flat()).not.toContain('--trust');
  expect(output).toContain('policy/windows-auth-deployment: made');
  expect((await run()).output).toContain('policy/windows-auth-deployment: unchanged');
  const stack = accounts.in(`${tools}/${region}`).get('windows-auth-deployment');
  if (stack) stack.template = '{}';
  expect((await run()).output).toContain('policy/windows-auth-deployment: updated');
});

test('an account that is not in the configuration is left alone', async () => {
  accounts.current = '999999999999';
  const { output, commands, exitCode } = await run();
  expect(output).toContain(
    'The account 999999999999, which these credentials are for, does not belong to this deployment, whose accounts are:',
  );
  expect({ commands, exitCode }).toEqual({ commands: [], exitCode: 1 });
  expect(endpoint.calls.map(({ operation }) => operation)).toEqual(['ECR.DescribeRegistry']);
});

test('--check reports what is missing in each account, and changes nothing', async () => {
  accounts.closed.add(production);
  const { output, commands, exitCode } = await run('--check');
  expect(exitCode).toBe(1);
  expect(commands).toEqual([]);
  expect(output.split('\n')).toEqual([
    `✘ tools (${tools}, ${region})`,
    '    The stack windows-auth-deployment, with the policy for deployments, is missing.',
    '    The stack CDKToolkit-wind0e5fc5 is missing.',
    '    The stack windows-auth-pipeline is missing: npx cdk deploy pipeline.',
    '    tools, before the first deployment: no problems found.',
    `✘ staging (${staging}, ${region})`,
    '    The stack windows-auth-deployment, with the policy for deployments, is missing.',
    '    The stack CDKToolkit-wind0e5fc5 is missing.',
    `✘ production (${production}, ${region})`,
    expect.stringContaining(`It cannot be checked from ${tools}: it is not bootstrapped, or does not trust`),
  ]);
  expect(endpoint.calls.filter(({ operation }) => /Create|Update/.test(operation))).toEqual([]);
});

test('--check of bootstrapped accounts finds nothing, using the template reader roles', async () => {
  await complete();
  const { output, exitCode } = await run('--check');
  expect(
    output
      .split('\n')
      .filter((line) => !line.startsWith(' '))
      .map((line) => line.split(' ').slice(0, 2).join(' ')),
  ).toEqual(['✔ tools', '✔ staging', '✔ production']);
  expect(exitCode).toBe(0);
  const assumed = endpoint.calls.filter(({ operation }) => operation === 'STS.AssumeRole');
  expect(new Set(assumed.map(({ input }) => input.RoleArn))).toEqual(
    new Set(
      [staging, production].map((account) => `arn:aws:iam::${account}:role/windows-auth-template-reader`),
    ),
  );
});

test.each([
  [
    'AdministratorAccess',
    { CloudFormationExecutionPolicies: 'arn:aws:iam::aws:policy/AdministratorAccess' },
    /deploys with arn:aws:iam::aws:policy\/AdministratorAccess: it must be/,
  ],
  ['no trust', { TrustedAccounts: '' }, /does not trust the tools account 111111111111/],
  ['trust in another account', { TrustedAccounts: `${tools},444444444444` }, /trusts 444444444444 as well/],
  [
    "the CDK's own template",
    { BootstrapVariant: 'AWS CDK: Default Resources' },
    /template is "AWS CDK: Default Resources", whose roles trust more than this pipeline: it must be "windows-auth: /,
  ],
  ['another qualifier', { Qualifier: 'other' }, /qualifier is other: it must be wind0e5fc5/],
] as const)('a check finds %s', async (_, parameters, finding) => {
  await complete();
  const toolkit = accounts.in(`${staging}/${region}`).get('CDKToolkit-wind0e5fc5');
  Object.assign(toolkit?.parameters ?? {}, parameters);
  const { output, exitCode } = await run('--check');
  expect(output).toMatch(finding);
  expect(exitCode).toBe(1);
});

test('--check finds a bootstrap that failed, is outdated or not protected from deletion, and a foreign policy', async () => {
  await complete();
  const stacks = accounts.in(`${production}/${region}`);
  Object.assign(stacks.get('CDKToolkit-wind0e5fc5') ?? {}, {
    status: 'UPDATE_ROLLBACK_FAILED',
    outputs: { BootstrapVersion: '6' },
    termination: false,
  });
  Object.assign(stacks.get('windows-auth-deployment') ?? {}, { template: '{}' });
  const { output } = await run('--check');
  expect(output).toContain('has another policy for deployments than the configuration requires');
  expect(output).toContain(
    'CDKToolkit-wind0e5fc5 is UPDATE_ROLLBACK_FAILED: it must be CREATE_COMPLETE or UPDATE_COMPLETE',
  );
  expect(output).toContain('Its version is 6: it must be 21 or later');
  expect(output).toContain('CDKToolkit-wind0e5fc5 is not protected against termination');
});

test('--print shows the commands without an account, and the CDK accepts them', async () => {
  await endpoint.stop();
  const { output, exitCode } = await run('--print');
  expect(exitCode).toBe(0);
  const commands = output.split('\n').filter((line) => line.startsWith('npx cdk '));
  expect(commands).toHaveLength(3);
  const [, , ...words] = commands[1]?.split(' ') ?? [];
  // After parsing the arguments, the CDK prints the template that it would deploy.
  const { stdout } = await execa('cdk', [...words, '--show-template'], { preferLocal: true });
  expect(stdout).toContain('CloudFormationExecutionPolicies');
  expect(stdout).toContain(variant);
  await expect(
    execa('cdk', ['bootstrap', '--no-such-option=1', '--trust'], { preferLocal: true }),
  ).rejects.toThrow();
});

test('--print --json gives the commands with the policies', async () => {
  const { output } = await run('--print', '--json');
  const described = JSON.parse(output);
  expect(described.map(({ account }: { account: string }) => account)).toEqual([tools, staging, production]);
  expect(described[2]).toEqual({
    account: production,
    region,
    purposes: ['production'],
    command: expect.arrayContaining(['npx', 'cdk', 'bootstrap', `aws://${production}/${region}`]),
    executionPolicy: executionPolicy(deployment, production),
    permissionsBoundary: permissionsBoundary(deployment, production),
  });
});

test('missing credentials are reported in one message', async () => {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  const nowhere = { ...process.env, AWS_EC2_METADATA_DISABLED: 'true', HOME: '/nonexistent' };
  const { stderr, exitCode } = await execa('node', ['bin/bootstrap.ts', '--check'], {
    env: nowhere,
    extendEnv: false,
    reject: false,
  });
  expect(stderr).toMatch(/^There are no AWS credentials here\. [^\n]*$/);
  expect(exitCode).toBe(1);
});
