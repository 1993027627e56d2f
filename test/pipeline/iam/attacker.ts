import type { PolicyDocument, Statement } from '../../../lib/operator/bootstrap/execution-policy.ts';
import { type AccountRoles, mayAssume, type Role } from './account-roles.ts';
import { type Call, isAllowed, type Policy } from './evaluate.ts';

export const tools = '111111111111';
export const staging = '222222222222';
export const production = '333333333333';
export const region = 'eu-central-1';
export const role = (account: string, name: string) => `arn:aws:iam::${account}:role/${name}`;
export const cdkRole = (account: string, name: string) =>
  role(account, `cdk-wind0e5fc5-${name}-role-${account}-${region}`);
export const boundaryArn = (account: string) => `arn:aws:iam::${account}:policy/windows-auth-boundary`;

export const everything: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Sid: 'Everything', Effect: 'Allow', Action: ['*'], Resource: '*' }],
};

/** A policy without some of its statements. */
export const without =
  (...sids: string[]) =>
  (policy: Policy): Policy => ({
    ...policy,
    Statement: (policy as PolicyDocument).Statement.filter(({ Sid }) => !sids.includes(Sid)),
  });
export const unconditional =
  (...sids: string[]) =>
  (policy: Policy): Policy => ({
    ...policy,
    Statement: (policy as PolicyDocument).Statement.map(
      ({ Condition, ...rest }): Statement =>
        sids.includes(rest.Sid) || !Condition ? rest : { ...rest, Condition },
    ),
  });
/** A policy without the actions of one service in one of its statements. */
export const withoutService =
  (sid: string, service: string) =>
  (policy: Policy): Policy => ({
    ...policy,
    Statement: (policy as PolicyDocument).Statement.map(
      (each): Statement =>
        each.Sid === sid
          ? { ...each, Action: each.Action.filter((action) => !action.startsWith(`${service}:`)) }
          : each,
    ),
  });
export const all = (): Policy => everything;
export const noBoundary = { boundary: () => undefined };

/** Any role of the stacks, after a commit has given it every permission. */
export function evil(accounts: AccountRoles, account: string): Role {
  const [one] = [...accounts.roles.values()].filter(
    ({ arn, stackName }) => arn.split(':')[4] === account && /-(pipeline|service)$/.test(stackName),
  );
  if (!one) throw new Error(`There is no role in ${account}.`);
  const arn = role(
    account,
    account === tools ? 'windows-auth-pipeline-evil' : 'windows-auth-staging-service-evil',
  );
  return { ...one, arn, identity: [everything] };
}

export const takesOn = (account: string, whom: string) => async (accounts: AccountRoles) => {
  const attacker = evil(accounts, account);
  return mayAssume({ roles: new Map([...accounts.roles, [attacker.arn, attacker]]) }, attacker.arn, whom);
};

export const calls =
  (account: string, action: string, resource: string, more: Partial<Call> & { policy?: Policy } = {}) =>
  async (accounts: AccountRoles) => {
    const attacker = evil(accounts, account);
    const { policy, ...call } = more;
    return isAllowed(
      { principal: attacker.arn, action, resource, region, ...call },
      { identity: attacker.identity, boundary: attacker.boundary, resource: policy },
    );
  };

/** Whether CloudFormation may make a call for an attacker's template in an account. */
export const deploys =
  (account: string, action: string, resource: string, context: Call['context'] = {}) =>
  (accounts: AccountRoles) => {
    const deploying = accounts.roles.get(cdkRole(account, 'cfn-exec'));
    return isAllowed(
      { principal: cdkRole(account, 'cfn-exec'), action, resource, region, context },
      { identity: deploying?.identity ?? [] },
    );
  };
