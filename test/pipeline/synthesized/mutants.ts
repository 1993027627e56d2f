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
/** Accounts in which the boundary is all that there is. */
const careless = accountRolesOf(pipeline, shownTemplate, { cdkTemplate: true });

const accountOf = (arn: string) => arn.split(':')[4] ?? '';
const having = (from: AccountRoles, change: (role: Role) => Role): AccountRoles => ({
  roles: new Map([...from.roles].map(([arn, one]) => [arn, change(one)])),
});

type Attempt = (typeof attempts)[number];

/** Those of the attempts that are refused as it is. */
async function refusedIn(from: AccountRoles): Promise<Attempt[]> {
  const outcomes = await Promise.all(attempts.map((attempt) => attempt(from)));
  return attempts.filter((_, index) => !outcomes[index]);
}

async function anySucceeds(tried: readonly Attempt[], changed: AccountRoles): Promise<boolean> {
  for (const attempt of tried) if (await attempt(changed)) return true;
  return false;
}

/** A policy is made for accounts of a kind by one function: a fault in it is one of all of them. */
const kinds = { 'the tools account': [tools], environments: [staging, production] };
function together(inAccounts: readonly string[], make: (account: string) => Policy): Map<string, Mutant[]> {
  const mutants = inAccounts.map((account) => [account, mutantsOf(make(account))] as const);
  const [, first = []] = mutants[0] ?? [];
  return new Map(
    first.map(({ what }, index) => [what, mutants.map(([, all]) => all[index] as Mutant)] as const),
  );
}

/** Names of the survivors that nothing is said about, and reasons that nothing survives by. */
function judged(survivors: readonly string[], accepted: Readonly<Record<string, RegExp>>) {
  const known = Object.values(accepted);
  return {
    survivors: survivors.filter((what) => !known.some((pattern) => pattern.test(what))),
    idle: Object.keys(accepted).filter((reason) => !survivors.some((what) => accepted[reason]?.test(what))),
  };
}

/** What survives, and why that is as it should be. */
const ofBoundary: Readonly<Record<string, RegExp>> = {
  'others of its names deny the same':
    /^NoNewRights has no (ecr:\*RegistryPolicy|kms:\*Alias|lambda:\*LayerVersionPermission)$/,
  'no other statement allows anything of IAM here': /^NoNewRights has no iam:\*$/,
};
const ofBoundaryInTools: Readonly<Record<string, RegExp>> = {
  ...ofBoundary,
  'all else that is done with a role is of IAM, which is denied': /^RolesOfThePipeline allows everything$/,
};
const ofBoundaryInEnvironments: Readonly<Record<string, RegExp>> = {
  ...ofBoundary,
  'no other statement allows it: it is against trusts that name a role of ours itself': /^NoOtherRole /,
};
const ofDeployments: Readonly<Record<string, RegExp>> = {
  'no other statement allows it: it is against one that would': /^TheBoundaryStays /,
  'IAM makes roles of services nowhere else': /^RolesOfTheServices is for everything$/,
};
const ofDeploymentsInTools: Readonly<Record<string, RegExp>> = {
  ...ofDeployments,
  'of the one connection that is configured': /^ConnectionToTheSource allows everything$/,
};
const ofDeploymentsInEnvironments: Readonly<Record<string, RegExp>> = {
  ...ofDeployments,
  'no other call with a role knows what this asks for': /^PoliciesOfAws allows everything$/,
  'all else of instance profiles of our own is their tags': /^InstanceProfiles allows everything$/,
};
const ofTrusts: Readonly<Record<string, RegExp>> = {
  'tags of a session are nothing without the role': /: sts:TagSession /,
  'an id of others is asked of services that act for many': /asks for no Null$/,
  'only calls of the security token service know a role': /: sts:AssumeRole( if \S+)? allows everything$/,
  'a condition names the roles, too': /: sts:AssumeRole if \S*ArnEquals is for everybody$/,
};

describe.each(Object.entries(kinds))('One place of what the bootstrap makes of %s', (_, own) => {
  const [account = ''] = own.toReversed();

  test('is changed in the boundary: something is let through that a test refuses', async () => {
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
        // The quickest first: one is enough.
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

  test('is changed in the policy for deployments: something is let through that a test refuses', async () => {
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

  test('is changed in whom a role trusts: somebody takes it on who should not', async () => {
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
