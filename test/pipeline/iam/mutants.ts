import type { Policy } from './evaluate.ts';

/** A policy that allows more than it should, and the change that made it so. */
export interface Mutant {
  readonly what: string;
  readonly policy: Policy;
}

interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: unknown;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

const strangers = '999999999999';
const list = <Value>(value: Value | readonly Value[] | undefined): Value[] =>
  value === undefined ? [] : ([value].flat() as Value[]);

/**
 * Every change of a single place of a policy that makes it allow more: a denial that is removed, wholly or for one action,
 * resource or caller; a permission without its condition, or for all resources, actions or principals.
 */
export function mutantsOf(policy: Policy): Mutant[] {
  const statements = list((policy as { Statement: Statement | Statement[] }).Statement);
  return statements.flatMap((statement, index) => {
    const asked = Object.keys(statement.Condition ?? {}).join();
    const name = statement.Sid ?? `${list(statement.Action)}${asked && ` if ${asked}`}`;
    const changed = statement.Effect === 'Deny' ? weakenings(statement) : widenings(statement);
    return changed.map(([what, next]) => ({
      what: `${name} ${what}`,
      policy: { ...policy, Statement: statements.toSpliced(index, 1, ...next) },
    }));
  });
}

type Change = readonly [what: string, next: readonly Statement[]];

function weakenings(statement: Statement): Change[] {
  const { Resource, NotResource, Condition = {} } = statement;
  const without = (values: string | readonly string[] | undefined, value: string) =>
    list(values).filter((each) => each !== value);
  return [
    ['is not there', []],
    ...list(statement.Action).map((action): Change => {
      const Action = without(statement.Action, action);
      return [`has no ${action}`, Action.length > 0 ? [{ ...statement, Action }] : []];
    }),
    ...(list(Resource).length > 1
      ? list(Resource).map((resource): Change => {
          return [`is not for ${resource}`, [{ ...statement, Resource: without(Resource, resource) }]];
        })
      : []),
    ...(NotResource ? [['is for nothing', [{ ...statement, NotResource: '*' }]] as Change] : []),
    ...Object.entries(Condition).flatMap(([operator, keys]) =>
      Object.entries(keys)
        .filter(() => /Not(Equals|Like)$/.test(operator))
        .map(([key, values]): Change => {
          const spared = operator.startsWith('Arn') ? '*' : strangers;
          const more = { ...Condition, [operator]: { ...keys, [key]: [...list(values), spared] } };
          return [`spares all more by ${key}`, [{ ...statement, Condition: more }]];
        }),
    ),
  ];
}

function widenings(statement: Statement): Change[] {
  const { Resource, Principal, Condition = {}, ...rest } = statement;
  const of = (more: object): readonly Statement[] => [{ ...statement, ...more }];
  return [
    ...Object.keys(Condition).map((operator): Change => {
      const { [operator]: _, ...others } = Condition;
      const left = Object.keys(others).length > 0 ? { Condition: others } : {};
      const whole = {
        ...rest,
        ...(Principal ? { Principal } : {}),
        ...(Resource ? { Resource } : {}),
        ...left,
      };
      return [`asks for no ${operator}`, [whole]];
    }),
    ...(Resource && list(Resource).join() !== '*'
      ? [['is for everything', of({ Resource: '*' })] as Change]
      : []),
    ...(list(statement.Action).join() === '*' ? [] : [['allows everything', of({ Action: '*' })] as Change]),
    ...(Principal && JSON.stringify(Principal) !== '{"AWS":"*"}'
      ? [['is for everybody', of({ Principal: { AWS: '*' } })] as Change]
      : []),
  ];
}
