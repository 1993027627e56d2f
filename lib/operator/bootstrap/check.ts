import { type CloudFormationClient, GetTemplateCommand, type Stack } from '@aws-sdk/client-cloudformation';
import { executionPolicyName } from '../../config/iam-names.ts';
import type { Deployment } from '../../config/index.ts';
import { describeStack } from './account.ts';
import type { WantedBootstrap } from './cdk-bootstrap.ts';
import { deploymentTemplate } from './deployment-template.ts';
import type { BootstrapPlace } from './places.ts';

/**
 * The first version of the bootstrap template whose publishing role cannot write to a bucket of the same name in
 * another account.
 */
const oldestVersion = 21;

/**
 * Finds what is missing or wrong in one place, and returns a sentence for each finding.
 *
 * @throws errors of AWS are passed on
 */
export async function findings(
  client: CloudFormationClient,
  deployment: Deployment,
  place: BootstrapPlace,
  wanted: WantedBootstrap,
): Promise<string[]> {
  const toolkit = await describeStack(client, wanted.stackName);
  return [
    ...(await policyFindings(client, deployment, place)),
    ...(toolkit ? toolkitFindings(toolkit, place, wanted) : [`The stack ${wanted.stackName} is missing.`]),
    ...(await pipelineFindings(client, deployment, place)),
  ];
}

/** The policy applies to the whole account; its stack is in the region that was bootstrapped first. */
async function policyFindings(
  client: CloudFormationClient,
  deployment: Deployment,
  { account, holdsPolicy }: BootstrapPlace,
): Promise<string[]> {
  if (!holdsPolicy) return [];
  const name = executionPolicyName(deployment);
  if (!(await describeStack(client, name)))
    return [`The stack ${name}, with the policy for deployments, is missing.`];
  const { TemplateBody = '' } = await client.send(new GetTemplateCommand({ StackName: name }));
  return TemplateBody === JSON.stringify(deploymentTemplate(deployment, account))
    ? []
    : [`The stack ${name} has another policy for deployments than the configuration requires.`];
}

function toolkitFindings(toolkit: Stack, { trusts }: BootstrapPlace, wanted: WantedBootstrap): string[] {
  const { stackName, qualifier, executionPolicy, variant } = wanted;
  const parameter = (key: string) =>
    toolkit.Parameters?.find(({ ParameterKey }) => ParameterKey === key)?.ParameterValue ?? '';
  const list = (key: string) => parameter(key).split(',').filter(Boolean);
  const version = Number(
    toolkit.Outputs?.find(({ OutputKey }) => OutputKey === 'BootstrapVersion')?.OutputValue,
  );
  const trusted = list('TrustedAccounts');
  const policies = list('CloudFormationExecutionPolicies');
  const others = trusted.filter((account) => account !== trusts);
  return [
    ...(/^(CREATE|UPDATE)_COMPLETE$/.test(toolkit.StackStatus ?? '')
      ? []
      : [`The stack ${stackName} is ${toolkit.StackStatus}: it must be CREATE_COMPLETE or UPDATE_COMPLETE.`]),
    ...(version >= oldestVersion ? [] : [`Its version is ${version}: it must be ${oldestVersion} or later.`]),
    ...(parameter('BootstrapVariant') === variant
      ? []
      : [
          `Its template is "${parameter('BootstrapVariant')}", whose roles trust more than this pipeline: it must be "${variant}".`,
        ]),
    ...(parameter('Qualifier') === qualifier
      ? []
      : [`Its qualifier is ${parameter('Qualifier')}: it must be ${qualifier}.`]),
    ...(trusts && !trusted.includes(trusts) ? [`It does not trust the tools account ${trusts}.`] : []),
    ...(others.length > 0 ? [`It trusts ${others.join(', ')} as well, which nothing here needs.`] : []),
    ...(policies.length === 1 && policies[0] === executionPolicy
      ? []
      : [`It deploys with ${policies.join(', ') || 'AdministratorAccess'}: it must be ${executionPolicy}.`]),
    ...(toolkit.EnableTerminationProtection
      ? []
      : [`The stack ${stackName} is not protected against termination.`]),
  ];
}

async function pipelineFindings(
  client: CloudFormationClient,
  { name, tools }: Deployment,
  { account, region }: BootstrapPlace,
): Promise<string[]> {
  if (account !== tools.account || region !== tools.region) return [];
  const pipeline = await describeStack(client, `${name}-pipeline`);
  return pipeline ? [] : [`The stack ${name}-pipeline is missing: npx cdk deploy pipeline.`];
}
