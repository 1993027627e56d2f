import { runSimulation } from '@cloud-copilot/iam-simulate';

/** A policy document, as IAM takes it. */
export type Policy = object;

/** One call of an API, by somebody. */
export interface Call {
  /** ARN of the role that calls. */
  readonly principal: string;
  readonly action: string;
  /** An ARN, or `*` for actions that know no resource. */
  readonly resource: string;
  /** The account of a resource whose ARN does not say it (S3); default: the caller's. */
  readonly resourceAccount?: string;
  /** The region that is called; default: the resource's, else none. */
  readonly region?: string;
  /** Further condition keys of the request. Keys that the action does not know are left out, as IAM does. */
  readonly context?: Readonly<Record<string, string | string[]>>;
}

/** The policies that have a say in a call. */
export interface Policies {
  readonly identity: readonly Policy[];
  readonly boundary?: Policy | undefined;
  /** The policy of the resource: a bucket's, a key's, the trust of a role. */
  readonly resource?: Policy | undefined;
  /** The policy of the VPC endpoint that the call goes through. */
  readonly endpoint?: Policy | undefined;
}

const named = (policies: readonly Policy[], service: string) =>
  policies.map((policy, index) => ({ name: `policy-${index}`, policy: concerning(service, policy) }));

interface Document {
  readonly Statement?: Statement | readonly Statement[];
}
interface Statement {
  readonly Action?: string | readonly string[];
}

/**
 * A policy without the statements whose actions are all of other services: they have no say, and the simulation of each
 * takes as long as that of the others.
 */
function concerning(service: string, policy: Policy): Policy {
  const { Statement = [] } = policy as Document;
  const statements = [Statement].flat();
  const matching = statements.filter(
    ({ Action }) => Action === undefined || [Action].flat().some((action) => mayConcern(action, service)),
  );
  // A policy of no statements is none.
  return { ...policy, Statement: matching.length > 0 ? matching : statements.slice(0, 1) };
}

const mayConcern = (action: string, service: string) =>
  /^[^:]*[*?]/.test(action) || action.toLowerCase().startsWith(`${service.toLowerCase()}:`);

/**
 * Whether AWS would let a call through, by IAM's evaluation logic.
 *
 * @throws Error when a policy is not valid, or IAM knows no such action, or the action no such resource
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export async function isAllowed(call: Call, policies: Policies): Promise<boolean> {
  const { principal, action, resource } = call;
  const [, , , regionOfResource = '', accountOfResource = ''] = resource.split(':');
  const principalAccount = principal.split(':')[4] ?? '';
  const accountId = call.resourceAccount ?? (accountOfResource || principalAccount);
  const region = call.region ?? regionOfResource;
  const [service = ''] = action.split(':');
  const outcome = await runSimulation(
    {
      request: {
        principal,
        action,
        resource: { resource, accountId },
        contextVariables: {
          'aws:PrincipalArn': principal,
          'aws:PrincipalAccount': principalAccount,
          ...(resource === '*' ? {} : { 'aws:ResourceAccount': accountId }),
          ...(region ? { 'aws:RequestedRegion': region } : {}),
          ...call.context,
        },
      },
      identityPolicies: named(policies.identity, service),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(policies.boundary && { permissionBoundaryPolicies: named([policies.boundary], service) }),
      ...(policies.endpoint && { vpcEndpointPolicies: named([policies.endpoint], service) }),
      ...(policies.resource && { resourcePolicy: policies.resource }),
    },
    {},
  );
  if (outcome.resultType === 'error') {
    throw new Error(`${action} on ${resource} cannot be judged: ${JSON.stringify(outcome.errors)}`);
  }
  return outcome.overallResult === 'Allowed';
}

/** Those of some calls that AWS would refuse, as `action on resource`. */
export async function refused(calls: readonly Call[], policies: Policies): Promise<string[]> {
  // Templates ask for the same again and again.
  const different = new Map(calls.map((call) => [JSON.stringify(call), call]));
  const judged = await Promise.all(
    [...different.values()].map(async (call) =>
      (await isAllowed(call, policies)) ? [] : [describeCall(call)],
    ),
  );
  return judged.flat();
}

/** Those of some calls that AWS would let through, as `action on resource`. */
export async function allowed(calls: readonly Call[], policies: Policies): Promise<string[]> {
  const not = new Set(await refused(calls, policies));
  return calls.map(describeCall).filter((call) => !not.has(call));
}

function describeCall({ action, resource, region }: Call): string {
  return `${action} on ${resource}${region ? ` in ${region}` : ''}`;
}
