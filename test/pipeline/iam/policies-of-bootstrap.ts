import type { Deployment } from '../../../lib/config/index.ts';
import { executionPolicy } from '../../../lib/operator/bootstrap/execution-policy.ts';
import { permissionsBoundary } from '../../../lib/operator/bootstrap/permissions-boundary.ts';
import { bootstrapPlaces } from '../../../lib/operator/bootstrap/places.ts';
import { list } from '../../infrastructure/template.ts';
import type { AccountRoles, Role } from './account-roles.ts';
import { type Holder, linesOf, placesOf, replacing, type Statement } from './policies-of-template.ts';

/**
 * The policies that the bootstrap creates in each account: the boundary, CloudFormation's policy, and the roles with the
 * principals that may assume them.
 */
export function policiesOfBootstrap(deployment: Deployment, { roles }: Partial<AccountRoles>): Holder[] {
  const made = [...(roles?.values() ?? [])].filter(({ stackName }) =>
    ['CDKToolkit', `${deployment.name}-deployment`].includes(stackName),
  );
  const accounts = new Set(bootstrapPlaces(deployment).map(({ account }) => account));
  return [...accounts].flatMap((account) => {
    const [environment, ...others] = deployment.environments.filter((each) => each.account === account);
    const region = bootstrapPlaces(deployment).find((place) => place.account === account)?.region ?? '';
    const generic = replacing([
      ...placesOf(deployment, others.length === 0 ? environment : undefined),
      [region, '<region>'],
    ]);
    const tools = account === deployment.tools.account;
    const where = `bootstrap of ${tools ? 'the tools account' : 'an environment'}${tools && environment ? ', both in one' : ''}`;
    const holder = (what: string, ...policies: object[]): Holder => ({
      kind: `${where}: ${what}`,
      of: environment ? [environment.name] : [],
      lines: linesOf(policies.flatMap((policy) => list((policy as { Statement: Statement[] }).Statement)))
        .map(generic)
        .sort(),
    });
    return [
      holder('boundary of roles', permissionsBoundary(deployment, account)),
      holder('what CloudFormation deploys with', executionPolicy(deployment, account)),
      ...made
        .filter(({ arn, id }) => arn.includes(`:${account}:`) && id !== 'CloudFormationExecutionRole')
        .map((role: Role) => holder(role.id, role.trust, ...role.identity)),
    ];
  });
}
