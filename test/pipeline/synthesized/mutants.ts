import { describe, expect, test } from 'vitest';
import { executionPolicy } from '../../../lib/operator/bootstrap/execution-policy.ts';
import { permissionsBoundary } from '../../../lib/operator/bootstrap/permissions-boundary.ts';
import { type AccountRoles, accountRolesOf, mayAssume, type Role } from '../iam/account-roles.ts';
import { everything, production, role, staging, tools } from '../iam/attacker.ts';
import { attacksFromStaging, attacksOfAPusher, attacksOfUnapprovedCode } from '../iam/attacks.ts';
import type { Policy } from '../iam/evaluate.ts';
import { type Mutant, mutantsOf } from '../iam/mutants.ts';
import { changesOfRoles, neverOfTemplates, permissionsOfRoles, through } from '../iam/never.ts';
import { shownTemplate } from '../shown-template.ts';
import { variant } from '../variants.ts';

const attempts = [attacksOfAPusher, attacksOfUnapprovedCode, attacksFromStaging]
  .flatMap((attacks) => Object.values(attacks))
  .map(({ attempt }) => attempt);
const pipeline = variant('the example');
const { deployment } = pipeline;
const accounts = accountRolesOf(pipeline, shownTemplate);
/** Accounts with the CDK's own bootstrap, in which only the boundary protects. */
const careless = accountRolesOf(pipeline, shownTemplate, { cdkTemplate: true });

const accountOf = (arn: string) => arn.split(':')[4] ?? '';
const having = (from: AccountRoles, change: (role: Role) => Role): AccountRoles => ({
  roles: new Map([...from.roles].map(([arn, one]) => [arn, change(one)])),
});

type Attempt = (typeof attempts)[number];

/** The attempts that are refused in these accounts. */
async function refusedIn(from: AccountRoles): Promise<Attempt[]> {
  const outcomes = await Promise.all(attempts.map((attempt) => attempt(from)));
  return attempts.filter((_, index) => !outcomes[index]);
}

async function anySucceeds(tried: readonly Attempt[], changed: AccountRoles): Promise<boolean> {
  for (const attempt of tried) if (await attempt(changed)) return true;
  return false;
}

/** One function makes a policy for all accounts of a kind, so a fault in it affects all of them. */
const kinds = { 'the tools account': [tools], environments: [staging, production] };
function together(inAccounts: readonly string[], make: (account: string) => Policy): Map<string, Mutant[]> {
  const mutants = inAccounts.map((account) => [account, mutantsOf(make(account))] as const);
  const [, first = []] = mutants[0] ?? [];
  return new Map(
    first.map(({ what }, index) => [what, mutants.map(([, all]) => all[index] as Mutant)] as const),
  );
}

/** The survivors without an accepted reason, and the reasons that no survivor needs. */
function judged(survivors: readonly string[], accepted: Readonly<Record<string, RegExp>>) {
  const known = Object.values(accepted);
  return {
    survivors: survivors.filter((what) => !known.some((pattern) => pattern.test(what))),
    idle: Object.keys(accepted).filter((reason) => !survivors.some((what) => accepted[reason]?.test(what))),
  };
}

/** The mutants that may survive, and why. */
const ofBoundary: Readonly<Record<string, RegExp>> = {
  'other action names in it deny the same':
    /^NoNewRights has no (ecr:\*RegistryPolicy|kms:\*Alias|lambda:\*LayerVersionPermission)$/,
  'no other statement allows anything of IAM here': /^NoNewRights has no iam:\*$/,
};
const ofBoundaryInTools: Readonly<Record<string, RegExp>> = {
  ...ofBoundary,
  'all other actions on a role belong to IAM, which is denied': /^RolesOfThePipeline allows everything$/,
};
const ofBoundaryInEnvironments: Readonly<Record<string, RegExp>> = {
  ...ofBoundary,
  'no other statement allows it: it protects against trust policies that name a role of ours':
    /^NoOtherRole /,
};
const ofDeployments: Readonly<Record<string, RegExp>> = {
  'no other statement allows it: it protects against one that might': /^TheBoundaryStays /,
  'IAM creates service-linked roles nowhere else': /^RolesOfTheServices is for everything$/,
};
const ofDeploymentsInTools: Readonly<Record<string, RegExp>> = {
  ...ofDeployments,
  'it is limited to the configured connection': /^ConnectionToTheSource allows everything$/,
};
const ofDeploymentsInEnvironments: Readonly<Record<string, RegExp>> = {
  ...ofDeployments,
  'no other call on a role has the condition key': /^PoliciesOfAws allows everything$/,
  'the only other actions on our instance profiles are about tags': /^InstanceProfiles allows everything$/,
};
const ofTrusts: Readonly<Record<string, RegExp>> = {
  'session tags are useless without the role': /: sts:TagSession /,
  'an external id matters only for services that act for many customers': /asks for no Null$/,
  'only calls of STS have a role as their resource': /: sts:AssumeRole( if \S+)? allows everything$/,
  'a condition names the roles as well': /: sts:AssumeRole if \S*ArnEquals is for everybody$/,
};

describe.each(Object.entries(kinds))('In the bootstrap of %s, any weakening of a single place', (_, own) => {
  const [account = ''] = own.toReversed();

  test('of the boundary allows something that a test expects to be refused', async () => {
    const boundary = permissionsBoundary(deployment, account);
    const never = [...(await permissionsOfRoles(account, boundary)), ...(await changesOfRoles(account))];
    const [refused, refusedOfCareless] = [await refusedIn(accounts), await refusedIn(careless)];
    expect(refused).toEqual(attempts);
    const survivors: string[] = [];
    for (const [what, mutants] of together(own, (each) => permissionsBoundary(deployment, each))) {
      const weaken = (one: Role): Role => {
        const mutant = mutants[own.indexOf(accountOf(one.arn))];
        return mutant && one.boundary ? { ...one, boundary: mutant.policy } : one;
      };
      const given = { identity: [everything], boundary: mutants.at(-1)?.policy };
      const found =
        // The quickest check first; one success is enough.
        (await through(never, account, given)).length > 0 ||
        (await anySucceeds(attempts, having(accounts, weaken))) ||
        (await anySucceeds(refusedOfCareless, having(careless, weaken)));
      if (!found) survivors.push(what);
    }
    expect(judged(survivors, account === tools ? ofBoundaryInTools : ofBoundaryInEnvironments)).toEqual({
      survivors: [],
      idle: [],
    });
  });

  test('of the policy for deployments allows something that a test expects to be refused', async () => {
    const never = await neverOfTemplates(executionPolicy(deployment, account));
    const survivors: string[] = [];
    for (const [what, mutants] of together(own, (each) => executionPolicy(deployment, each))) {
      const weaken = (one: Role): Role => {
        const mutant = mutants[own.indexOf(accountOf(one.arn))];
        return mutant && one.id === 'CloudFormationExecutionRole'
          ? { ...one, identity: [mutant.policy] }
          : one;
      };
      const given = { identity: [mutants.at(-1)?.policy ?? everything] };
      const found =
        (await through(never, account, given)).length > 0 ||
        (await anySucceeds(attempts, having(accounts, weaken)));
      if (!found) survivors.push(what);
    }
    expect(judged(survivors, account === tools ? ofDeploymentsInTools : ofDeploymentsInEnvironments)).toEqual(
      { survivors: [], idle: [] },
    );
  });

  test('of a trust policy lets a principal assume a role that it must not assume', async () => {
    const attackers = [
      role(tools, 'windows-auth-pipeline-evil'),
      role(staging, 'windows-auth-staging-service-evil'),
      role(production, 'windows-auth-production-service-evil'),
      role('999999999999', 'stranger'),
    ];
    const survivors: string[] = [];
    for (const one of accounts.roles.values()) {
      if (!own.includes(accountOf(one.arn)) || !/^(CDKToolkit|.*-deployment)$/.test(one.stackName)) continue;
      const takenBy = async (trust: Policy) => {
        const taken = [];
        for (const arn of attackers) {
          const attacker: Role = { ...one, arn, identity: [everything], boundary: undefined };
          const roles = new Map(
            [arn, one.arn].map((each) => [each, each === arn ? attacker : { ...one, trust }]),
          );
          if (await mayAssume({ roles }, arn, one.arn)) taken.push(arn);
        }
        return taken.join();
      };
      const asItIs = await takenBy(one.trust);
      if (one.id !== 'TemplateReader') expect(asItIs).toBe('');
      expect(asItIs).not.toContain('stranger');
      for (const { what, policy } of mutantsOf(one.trust))
        if ((await takenBy(policy)) === asItIs) survivors.push(`${one.id}: ${what}`);
    }
    expect(judged(survivors, ofTrusts)).toEqual({ survivors: [], idle: [] });
  });
});
