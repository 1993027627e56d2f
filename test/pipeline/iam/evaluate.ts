import { runSimulation } from '@cloud-copilot/iam-simulate';

/** A policy document, as IAM takes it. */
export type Policy = object;

/** One API call by a principal. */
export interface Call {
  /** ARN of the role that calls. */
  readonly principal: string;
  readonly action: string;
  /** An ARN, or `*` for actions without resource types. */
  readonly resource: string;
  /** The account of a resource whose ARN does not contain it (S3); default: the caller's. */
  readonly resourceAccount?: string;
  /** The region that is called; default: the resource's, else none. */
  readonly region?: string;
  /** Further condition keys of the request. Keys that the action does not support are left out, as IAM does. */
  readonly context?: Readonly<Record<string, string | string[]>>;
}

/** The policies that apply to a call. */
export interface Policies {
  readonly identity: readonly Policy[];
  readonly boundary?: Policy | undefined;
  /** The policy of the resource: a bucket's, a key's, the trust of a role. */
  readonly resource?: Policy | undefined;
  /** The policy of the VPC endpoint that the call goes through. */
  readonly endpoint?: Policy | undefined;
}

interface Document {
  readonly Statement?: Statement | readonly Statement[];
}
interface Statement {
  readonly Action?: string | readonly string[];
}

/** A policy, identified by its text, as templates repeat the same policies. */
class KnownPolicy {
  static readonly #all = new Map<string, KnownPolicy>();
  /** The policies that have been simulated as a whole and found valid. */
  static readonly judged = new Set<KnownPolicy>();

  static of(policy: Policy): KnownPolicy {
    const text = JSON.stringify(policy);
    const known = KnownPolicy.#all.get(text) ?? new KnownPolicy(policy, KnownPolicy.#all.size);
    KnownPolicy.#all.set(text, known);
    return known;
  }

  readonly #concerning = new Map<string, KnownPolicy>();
  /** A copy of the policy, made when it was first seen. */
  readonly policy: Policy;
  readonly number: number;

  private constructor(policy: Policy, number: number) {
    this.policy = structuredClone(policy);
    this.number = number;
  }

  /**
   * The policy without the statements about other actions: these do not affect the result, but simulating each takes as long
   * as simulating any other.
   */
  concerning(action: string): KnownPolicy {
    const known = this.#concerning.get(action) ?? KnownPolicy.of(this.#without(action));
    this.#concerning.set(action, known);
    return known;
  }

  #without(action: string): Policy {
    const { Statement = [] } = this.policy as Document;
    const statements = [Statement].flat();
    const matching = statements.filter(
      ({ Action }) => Action === undefined || [Action].flat().some((pattern) => matches(pattern, action)),
    );
    // A policy without statements is not valid.
    return { ...this.policy, Statement: matching.length > 0 ? matching : statements.slice(0, 1) };
  }
}

const expressions = new Map<string, RegExp>();

/** Whether an action of a statement, which may have wildcards, matches this one; case is ignored. */
function matches(pattern: string, action: string): boolean {
  const expression =
    expressions.get(pattern) ?? new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'i');
  expressions.set(pattern, expression);
  return expression.test(action);
}

/** Results, by the call and the statements that apply to it. */
const outcomes = new Map<string, Promise<boolean>>();

/**
 * Whether AWS would let a call through, by IAM's evaluation logic.
 *
 * @throws Error when a policy is not valid, or IAM knows no such action, or the action no such resource
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export async function isAllowed(call: Call, policies: Policies): Promise<boolean> {
  const { action } = call;
  const given = {
    identity: policies.identity.map(KnownPolicy.of),
    boundary: policies.boundary && KnownPolicy.of(policies.boundary),
    resource: policies.resource && KnownPolicy.of(policies.resource),
    endpoint: policies.endpoint && KnownPolicy.of(policies.endpoint),
  };
  const restricted = [...given.identity, given.boundary, given.endpoint].filter((one) => one !== undefined);
  // The first time, the whole policy is simulated, which throws if it is not valid.
  if (!restricted.every((one) => KnownPolicy.judged.has(one))) {
    const outcome = await simulate(call, given);
    for (const one of restricted) KnownPolicy.judged.add(one);
    return outcome;
  }
  const having = {
    identity: given.identity.map((one) => one.concerning(action)),
    boundary: given.boundary?.concerning(action),
    resource: given.resource,
    endpoint: given.endpoint?.concerning(action),
  };
  const key = JSON.stringify([
    call,
    having.identity.map(({ number }) => number),
    ...[having.boundary, having.resource, having.endpoint].map((one) => one?.number ?? 'none'),
  ]);
  const outcome = outcomes.get(key) ?? simulate(call, having);
  outcomes.set(key, outcome);
  return await outcome;
}

interface HavingASay {
  readonly identity: readonly KnownPolicy[];
  readonly boundary: KnownPolicy | undefined;
  readonly resource: KnownPolicy | undefined;
  readonly endpoint: KnownPolicy | undefined;
}

async function simulate(
  call: Call,
  { identity, boundary, resource: own, endpoint }: HavingASay,
): Promise<boolean> {
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
      identityPolicies: named(identity),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(boundary && { permissionBoundaryPolicies: named([boundary]) }),
      ...(endpoint && { vpcEndpointPolicies: named([endpoint]) }),
      ...(own && { resourcePolicy: own.policy }),
    },
    {},
  );
  if (outcome.resultType === 'error')
    throw new Error(`${action} on ${resource} cannot be judged: ${JSON.stringify(outcome.errors)}`);
  return outcome.overallResult === 'Allowed';
}

const named = (policies: readonly KnownPolicy[]) =>
  policies.map(({ policy }, index) => ({ name: `policy-${index}`, policy }));

/** The given calls that AWS would refuse, as `action on resource`. */
export async function refused(calls: readonly Call[], policies: Policies): Promise<string[]> {
  // Templates repeat the same calls.
  const different = new Map(calls.map((call) => [JSON.stringify(call), call]));
  const outcomes = await Promise.all(
    [...different.values()].map(async (call) =>
      (await isAllowed(call, policies)) ? [] : [describeCall(call)],
    ),
  );
  return outcomes.flat();
}

/** The given calls that AWS would allow, as `action on resource`. */
export async function allowed(calls: readonly Call[], policies: Policies): Promise<string[]> {
  const not = new Set(await refused(calls, policies));
  return calls.map(describeCall).filter((call) => !not.has(call));
}

function describeCall({ action, resource, region }: Call): string {
  return `${action} on ${resource}${region ? ` in ${region}` : ''}`;
}
