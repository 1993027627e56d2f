import { expect, test } from 'vitest';
import { largest, variant } from '../pipeline/variants.ts';
import { list, objectsIn, resources, type SynthesizedTemplate } from './template.ts';

const shared = 'a network of others, shared with this account, by parameters';

interface Statement {
  readonly Effect?: string;
  readonly Action?: string | string[];
  readonly Resource?: string | string[];
  readonly Condition?: { readonly ArnEquals?: Readonly<Record<string, string | string[]>> };
}

/** The accounts in the ARNs of subnets (or EC2 wildcards) in which roles may create network interfaces. */
function subnetAccounts(templates: Iterable<readonly [string, SynthesizedTemplate]>): string[][] {
  return [...templates].flatMap(([, template]) => {
    const accounts = (named: unknown) =>
      [...JSON.stringify(named).matchAll(/:(\d{12}):(?:\*|subnet)\//g)].map(([, account = '']) => account);
    const statements = [
      ...objectsIn(resources(template, 'AWS::IAM::Role').concat(resources(template, 'AWS::IAM::Policy'))),
    ]
      .map((each) => each as Statement)
      .filter(({ Effect }) => Effect === 'Allow');
    return statements.flatMap(({ Action, Resource, Condition }) => {
      const actions = list(Action);
      if (actions.includes('ec2:CreateNetworkInterfacePermission'))
        return [accounts(Condition?.ArnEquals?.['ec2:Subnet'])];
      return actions.includes('ec2:CreateNetworkInterface') && !list(Resource).includes('*')
        ? [accounts(Resource)]
        : [];
    });
  });
}

const templatesOf = (name: string, account: string) =>
  [...variant(name).templates].filter(([place]) => place.startsWith(`${account}/`));

test("interfaces may be created in subnets whose ARNs name their owner's account", () => {
  const found = subnetAccounts(templatesOf(shared, '222222222222'));
  expect(found.length).toBeGreaterThan(2);
  for (const accounts of found) expect(accounts).toContain('444444444444');
});

test('in our own VPC no other account is named', () => {
  const found = subnetAccounts(templatesOf(largest, '222222222222'));
  expect(found.length).toBeGreaterThan(2);
  for (const accounts of found) expect(new Set(accounts)).toEqual(new Set(['222222222222']));
});
