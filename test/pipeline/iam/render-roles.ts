import type { Deployment } from '../../../lib/config/index.ts';
import { list } from '../../infrastructure/template.ts';
import { type AccountRoles, mayAssume, type Role } from './account-roles.ts';

const heading = `# Roles, and who may take them on

Every IAM role of the example deployment: those that the bootstrap makes in each account, and those that the templates
make. Who may take one on is the answer of an IAM evaluator to the trust of the role, the policies of the other and its
permissions boundary; what a role may do is named by its services. Written and kept true by
\`test/pipeline/synthesized/role-table.ts\`.

| account | role | taken on by | may call | within the boundary |
| --- | --- | --- | --- | --- |
`;

/** Renders a document with one line for each role of a deployment. */
export async function renderRoles(accounts: AccountRoles, deployment: Deployment): Promise<string> {
  const rows: string[] = [];
  for (const role of accounts.roles.values()) {
    const by: string[] = [];
    for (const who of accounts.roles.values()) {
      if (await mayAssume(accounts, who.arn, role.arn)) by.push(nameOf(who));
    }
    rows.push(
      `| ${[
        accountName(role, deployment),
        nameOf(role),
        [...servicesTrusted(role), ...by].join(', ') || 'people whom the account lets',
        [...servicesCalled(role), ...(role.managed ? ['what a managed policy says'] : [])].join(', ') ||
          'nothing',
        role.boundary ? 'yes' : 'no',
      ].join(' | ')} |\n`,
    );
  }
  return heading + rows.sort().join('');
}

function accountName({ arn }: Role, { tools, environments }: Deployment): string {
  const account = arn.split(':')[4];
  return account === tools.account
    ? 'tools'
    : (environments.find((environment) => environment.account === account)?.name ?? '');
}

/** The name of the role, or its stack and logical id if CloudFormation generates the name. */
function nameOf({ arn, id, stackName }: Role): string {
  const name = arn.split('/').at(-1) ?? '';
  return /-[0-9a-f]{12}$/.test(name) ? `${stackName}/${id.replace(/[0-9A-F]{8}$/, '')}` : name;
}

function servicesTrusted({ trust }: Role): string[] {
  const { Statement } = trust as { Statement: { Principal?: { Service?: string | string[] } }[] };
  return [...new Set(Statement.flatMap(({ Principal }) => list(Principal?.Service)))];
}

function servicesCalled({ identity }: Role): string[] {
  const actions = identity.flatMap((policy) =>
    (policy as { Statement: { Effect: string; Action: string | string[] }[] }).Statement.filter(
      ({ Effect }) => Effect === 'Allow',
    ).flatMap(({ Action }) => list(Action)),
  );
  return [...new Set(actions.map((action) => action.split(':')[0] ?? ''))].sort();
}
