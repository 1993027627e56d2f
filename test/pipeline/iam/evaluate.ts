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

const named = (policies: readonly Policy[], action: string) =>
  policies.map((policy, index) => ({ name: `policy-${index}`, policy: concerning(action, policy) }));

/** The policies that have been judged as a whole. */
const judged = new Set<string>();

interface Document {
  readonly Statement?: Statement | readonly Statement[];
}
interface Statement {
  readonly Action?: string | readonly string[];
}

/**
 * A policy without the statements that name other actions: they have no say, and the simulation of each takes as long as
 * that of the others. The first time, all of it is judged, and refused when it is not valid.
 */
function concerning(action: string, policy: Policy): Policy {
  const text = JSON.stringify(policy);
  if (!judged.has(text)) {
    judged.add(text);
    return policy;
  }
  const { Statement = [] } = policy as Document;
  const statements = [Statement].flat();
  const matching = statements.filter(
    ({ Action }) => Action === undefined || [Action].flat().some((pattern) => matches(pattern, action)),
  );
  // A policy of no statements is none.
  return { ...policy, Statement: matching.length > 0 ? matching : statements.slice(0, 1) };
}

const expressions = new Map<string, RegExp>();

/** Whether an action of a statement, which may have wildcards, is this one; capitals make no difference. */
function matches(pattern: string, action: string): boolean {
  const expression =
    expressions.get(pattern) ?? new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'i');
  expressions.set(pattern, expression);
  return expression.test(action);
}

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
      identityPolicies: named(policies.identity, action),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(policies.boundary && { permissionBoundaryPolicies: named([policies.boundary], action) }),
      ...(policies.endpoint && { vpcEndpointPolicies: named([policies.endpoint], action) }),
      ...(policies.resource && { resourcePolicy: policies.resource }),
    },
    {},
  );
  if (outcome.resultType === 'error') {
    // Whatever was wrong is told again the next time.
    judged.clear();
    throw new Error(`${action} on ${resource} cannot be judged: ${JSON.stringify(outcome.errors)}`);
  }
  return outcome.overallResult === 'Allowed';
}

/** Those of some calls that AWS would refuse, as `action on resource`. */
export async function refused(calls: readonly Call[], policies: Policies): Promise<string[]> {
  // Templates ask for the same again and again.
  const different = new Map(calls.map((call) => [JSON.stringify(call), call]));
  const outcomes = await Promise.all(
    [...different.values()].map(async (call) =>
      (await isAllowed(call, policies)) ? [] : [describeCall(call)],
    ),
  );
  return outcomes.flat();
}

/** Those of some calls that AWS would let through, as `action on resource`. */
export async function allowed(calls: readonly Call[], policies: Policies): Promise<string[]> {
  const not = new Set(await refused(calls, policies));
  return calls.map(describeCall).filter((call) => !not.has(call));
}

function describeCall({ action, resource, region }: Call): string {
  return `${action} on ${resource}${region ? ` in ${region}` : ''}`;
}
