import type { Deployment, Environment } from '../../../lib/config/index.ts';
import { pseudoParameters, resolve } from '../../../local/pipeline/template/resolve.ts';
import {
  list,
  objectsIn,
  type Resource,
  resources,
  type SynthesizedTemplate,
} from '../../infrastructure/template.ts';
import { withoutParts } from './account-roles.ts';

/** A holder of policies in one place of one deployment: a role, or a resource with its own policy. */
export interface Holder {
  /** Its name in every deployment, such as `service/TaskDefinitionTaskRole`. */
  readonly kind: string;
  /** Its environment and additional service, if it belongs to one. */
  readonly of: readonly string[];
  /** One line for each of its statements, sorted. */
  readonly lines: readonly string[];
}

/** A statement of a policy of any kind. */
export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: string | string[];
  readonly NotAction?: string | string[];
  readonly Resource?: string | string[];
  readonly NotResource?: string | string[];
  readonly Principal?: string | Readonly<Record<string, string | string[]>>;
  readonly Condition?: object;
}

/**
 * All policies of a template, written so that the same permission reads the same in every deployment: placeholders stand
 * for the names, accounts and regions of an environment, and hashes, which change with the code, are left out.
 *
 * @param place account, region and name of its stack, with `/` between them
 */
export function policiesOf(deployment: Deployment, place: string, template: SynthesizedTemplate): Holder[] {
  const [account = '', region = '', stackName = ''] = place.split('/');
  const { name, environments, services } = deployment;
  const at = environments.find((environment) => stackName.startsWith(`${name}-${environment.name}-`));
  const part = at ? stackName.slice(`${name}-${at.name}-`.length) : stackName;
  return Object.entries(template.Resources).flatMap(([id, resource]) => {
    const said = [
      ...linesOf(
        resolve(
          withoutParts(statementsOf(template, id, resource)),
          pseudoParameters(account, region),
        ) as Statement[],
      ),
      ...besides(resource),
    ];
    if (said.length === 0) return [];
    const environment = at ?? environments.find((each) => id.includes(each.name));
    const service = Object.keys(services).find(
      (each) => part === `service-${each}` || id.includes(withoutHyphens(each)),
    );
    const generic = replacing([
      ...placesOf(deployment, environment),
      [region, '<region>'],
      ...(service ? ([service, withoutHyphens(service)].map((word) => [word, '<service>']) as Pair[]) : []),
    ]);
    const read = (text: string) => generic(withoutHashes(text, template));
    return [
      {
        kind: read(`${part}/${id}`),
        of: [...(environment ? [environment.name] : []), ...(service ? [service] : [])],
        lines: [...new Set(said.map(read))].sort(),
      },
    ];
  });
}

type Pair = readonly [from: string, to: string];

/** The placeholders for the names and accounts of a deployment, for one environment or for each. */
export function placesOf({ name, tools, environments }: Deployment, environment?: Environment): Pair[] {
  return [
    ...(environment
      ? ([
          [`${name}-${environment.name}`, '<environment>'],
          [environment.account, '<account>'],
          [environment.name, '<environment>'],
        ] as const)
      : environments.map((each): Pair => [each.account, `<account of ${each.name}>`])),
    [tools.account, '<tools>'],
  ];
}

/** The statements in a resource, and for a role also those of the policies attached to it. */
function statementsOf(
  template: SynthesizedTemplate,
  id: string,
  { Type, Properties }: Resource,
): Statement[] {
  // Its statements are listed with its role.
  if (Type === 'AWS::IAM::Policy') return [];
  const attached =
    Type === 'AWS::IAM::Role'
      ? resources(template, 'AWS::IAM::Policy').filter(
          ([
            ,
            {
              Properties: { Roles },
            },
          ]) => JSON.stringify(Roles).includes(`"${id}"`),
        )
      : [];
  return [...objectsIn([Properties, attached])].flatMap(({ Statement }) =>
    Array.isArray(Statement) ? (Statement as Statement[]) : [],
  );
}

/** Lines for what else grants or limits permissions: managed policies, the boundary, Lambda permissions. */
function besides({ Type, Properties }: Resource): string[] {
  const text = (value: unknown) => String(resolve(value, pseudoParameters('<account>', '<region>')));
  switch (Type) {
    case 'AWS::IAM::Role':
      return [
        ...list(Properties.ManagedPolicyArns).map((arn) => `what ${text(arn)} says`),
        Properties.PermissionsBoundary
          ? `within ${text(Properties.PermissionsBoundary)}`
          : 'WITHIN NO BOUNDARY',
      ];
    case 'AWS::Lambda::Permission': {
      const { Action, FunctionName, Principal, ...conditions } = Properties;
      const asked = Object.entries(conditions).map(([key, value]) => `${key} is ${text(value)}`);
      return [`${Action} on ${text(FunctionName)} by ${text(Principal)} if ${asked.join(' and ')}`];
    }
    default:
      return [];
  }
}

/** Statements as lines, one for each resource: `action, action on resource by principal if condition`. */
export function linesOf(statements: readonly Statement[]): string[] {
  const actions = new Map<string, Set<string>>();
  for (const { Effect, Action, NotAction, Resource, NotResource, Principal, Condition } of statements) {
    const things =
      NotResource === undefined
        ? list(Resource).map((thing) => ` on ${thing}`)
        : [` on all but ${words(NotResource)}`];
    for (const thing of things.length > 0 ? things : ['']) {
      const before = Effect === 'Deny' ? 'never ' : '';
      const after = [
        thing,
        ...(Principal === undefined ? [] : [` by ${principals(Principal)}`]),
        ...(Condition === undefined ? [] : [` if ${JSON.stringify(Condition)}`]),
      ].join('');
      const key = JSON.stringify([before, after]);
      const those = actions.get(key) ?? new Set();
      actions.set(key, those);
      for (const action of list(Action)) those.add(action);
      if (NotAction !== undefined) those.add(`all but ${words(NotAction)}`);
    }
  }
  return [...actions].map(([key, those]) => {
    const [before, after] = JSON.parse(key) as [string, string];
    return `${before}${words([...those])}${after}`;
  });
}

const words = (values: string | readonly string[]) => [...list(values)].sort().join(', ');

function principals(principal: NonNullable<Statement['Principal']>): string {
  if (typeof principal === 'string') return principal;
  return Object.values(principal)
    .flatMap((those) => list(those))
    .sort()
    .join(', ');
}

const withoutHyphens = (service: string) => service.replaceAll('-', '');

export function replacing(pairs: readonly Pair[]): (text: string) => string {
  return (text) => pairs.reduce((made, [from, to]) => made.replaceAll(from, to), text);
}

/** Removes the CDK's path hashes from logical ids, and the content hashes of assets. */
function withoutHashes(text: string, { Resources }: SynthesizedTemplate): string {
  return text
    .replaceAll(/\b[A-Za-z]\w*?[0-9A-F]{8}\b/g, (id) => (id in Resources ? id.slice(0, -8) : id))
    .replaceAll(/\bSsmParameterValue\w+/g, (name) => name.replace(/[0-9A-F]{32}/, ''))
    .replaceAll(/[0-9a-f]{64}/g, '<hash>');
}
