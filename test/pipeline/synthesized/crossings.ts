import { describe, expect, test } from 'vitest';
import { executionPolicy } from '../../../lib/operator/bootstrap/execution-policy.ts';
import { permissionsBoundary } from '../../../lib/operator/bootstrap/permissions-boundary.ts';
import {
  crossingProblems,
  sayingNoAccount,
  type Whereabouts,
} from '../../infrastructure/crossing-problems.ts';
import { permissionProblems } from '../../infrastructure/permission-problems.ts';
import { objectsIn, type Resource, type SynthesizedTemplate } from '../../infrastructure/template.ts';
import type { SynthesizedPipeline } from '../synthesized-pipeline.ts';
import { largest, variant, variants } from '../variants.ts';

type Properties = Record<string, unknown>;

/** All templates, with account and region. */
function placed({ deployment, templates }: SynthesizedPipeline): [SynthesizedTemplate, Whereabouts][] {
  const accounts = [deployment.tools.account, ...deployment.environments.map(({ account }) => account)];
  return [...templates].map(([place, template]) => {
    const [account = '', region = ''] = place.split('/');
    return [template, { account, region, accounts }];
  });
}

/** The artifacts' own key is named in statements without kms:ViaService, as CodePipeline's builds call KMS themselves. */
const ofArtifacts =
  /^kms:(Decrypt|Encrypt|GenerateDataKey) is allowed whatever kms:ViaService is$|^kms:GenerateDataKey\* is no single action$/;
const ofTools = ([place]: readonly [place: string, unknown]) =>
  /-(pipeline|images|artifacts)[^/]*$/.test(place);

/** Stacks and policies of an environment that contain the account of another environment. */
function knowingOthers({ deployment, templates }: SynthesizedPipeline): string[] {
  const { tools, environments } = deployment;
  const accounts = new Set(environments.map(({ account }) => account));
  const policies = [...accounts].map((account): [string, object] => [
    `${account}/the bootstrap's policies`,
    [executionPolicy(deployment, account), permissionsBoundary(deployment, account)],
  ]);
  return [...templates, ...policies].flatMap(([place, known]) => {
    const [own = ''] = place.split('/');
    const text = JSON.stringify(known);
    const isKnown = [...accounts].some((account) => account !== own && text.includes(account));
    return own !== tools.account && isKnown ? [place] : [];
  });
}

describe.each(Object.keys(variants))('In %s', (name) => {
  test('no environment contains the account of another', () => {
    expect(knowingOthers(variant(name))).toEqual([]);
  });

  test('no role has wider permissions than necessary', () => {
    const problems = [...variant(name).templates].flatMap((placed) =>
      permissionProblems(placed[1]).filter((problem) => !ofTools(placed) || !ofArtifacts.test(problem)),
    );
    expect(problems).toEqual([]);
  });

  test('access from or to foreign accounts is limited to named resources', () => {
    expect(placed(variant(name)).flatMap(([template, where]) => crossingProblems(template, where))).toEqual(
      [],
    );
  });
});

test('an environment that contains the account of another is found', () => {
  const { deployment, templates, ...rest } = variant('the example');
  const place = '222222222222/eu-central-1/windows-auth-staging-service';
  const knowing = structuredClone(templates.get(place)) as SynthesizedTemplate;
  const queue = { Type: 'AWS::SQS::Queue', Properties: { Policy: 'arn:aws:iam::333333333333:root' } };
  Object.assign(knowing.Resources, { Knowing: queue });
  const changed = new Map([...templates, [place, knowing] as const]);
  expect(knowingOthers({ deployment, ...rest, templates: changed })).toEqual([place]);
});

describe('Every statement that limits who may use a resource is needed:', () => {
  const foreign = 'a SQL Server and a user that are there';
  const all = [foreign, 'the example', 'an estate that is there'].map(variant).flatMap(placed);

  /** The problems of each resource after a change of its matching statements. */
  const problemsAfter = (
    which: (statement: Properties) => boolean,
    change: (statement: Properties) => void,
  ): string[][] =>
    all.flatMap(([template, where]) =>
      Object.entries(template.Resources).flatMap(([id, resource]) => {
        const chosen = (of: Resource) => [...objectsIn(of)].filter(isOfResource).filter(which);
        return chosen(resource).map((_, index) => {
          const copy = structuredClone(resource);
          change(chosen(copy)[index] as Properties);
          return crossingProblems({ Resources: { [id]: copy } }, where);
        });
      }),
    );
  const isOfResource = ({ Effect, Principal }: Properties) => Effect === 'Allow' && Principal !== undefined;
  const conditions = (statement: Properties) =>
    Object.values((statement.Condition ?? {}) as Record<string, Properties>).flatMap(Object.keys);
  const drop = (key: string) => (statement: Properties) => {
    for (const values of Object.values(statement.Condition as Record<string, Properties>)) delete values[key];
  };

  test.each([
    ['aws:PrincipalAccount', 9],
    ['aws:ResourceAccount', 9],
    ['kms:EncryptionContext:aws:sns:topicArn', 1],
  ])('each of them without %s is found', (key, atLeast) => {
    const problems = problemsAfter((statement) => conditions(statement).includes(key), drop(key));
    expect(problems.length).toBeGreaterThanOrEqual(atLeast);
    expect(problems.filter(({ length }) => length === 0)).toEqual([]);
  });

  const sources = ['aws:SourceAccount', 'aws:SourceArn'];
  const isForSource = (statement: Properties) =>
    conditions(statement).some((key) => sources.includes(key)) && !isTrustOfTasks(statement);
  // Trust policies of tasks are tested with permissions, as ECS assumes roles of tasks in two ways.
  const isTrustOfTasks = ({ Principal }: Properties) => JSON.stringify(Principal).includes('"ecs-tasks.');

  test.each<[string, (statement: Properties) => void]>([
    ['is missing', (statement) => delete statement.Condition],
    ['is a wildcard', (statement) => changeSources(statement, '*')],
    ['is a foreign one', (statement) => changeSources(statement, '999999999999')],
    ['is only checked if present', (statement) => ifExists(statement)],
  ])('a source account that %s is found in each', (_, change) => {
    const problems = problemsAfter(isForSource, change);
    expect(problems.length).toBeGreaterThan(30);
    expect(problems.filter(({ length }) => length === 0)).toEqual([]);
  });

  const changeSources = (statement: Properties, value: string) => {
    for (const values of Object.values(statement.Condition as Record<string, Properties>))
      for (const key of sources) if (key in values) values[key] = value;
  };
  const ifExists = (statement: Properties) => {
    statement.Condition = Object.fromEntries(
      Object.entries(statement.Condition as object).map(([operator, values]) => [
        `${operator}IfExists`,
        values,
      ]),
    );
  };

  test('roles omit the source account only for services that, according to AWS, do not send it', () => {
    const trusted = [...all, ...placed(variant(largest))].flatMap(([{ Resources }]) =>
      Object.values(Resources).filter(({ Type }) => Type === 'AWS::IAM::Role'),
    );
    const unsaid = [...objectsIn(trusted)]
      .filter(isOfResource)
      .filter((statement) => !isForSource(statement))
      .flatMap(({ Principal }) => [(Principal as { Service?: string }).Service ?? []].flat());
    expect([...new Set(unsaid)].sort()).toEqual(Object.keys(sayingNoAccount).sort());
  });

  test('foreign secrets are named, and only for callers of our own account', () => {
    const isForeign = ({ Sid }: Properties) => Sid === 'SecretsOfOthers';
    for (const change of [
      drop('aws:PrincipalAccount'),
      (statement: Properties) => {
        statement.Condition = { StringEquals: { 'aws:PrincipalAccount': '444444444444' } };
      },
      (statement: Properties) => {
        statement.Condition = { StringEqualsIfExists: { 'aws:PrincipalAccount': '222222222222' } };
      },
      (statement: Properties) => {
        statement.Resource = '*';
      },
      (statement: Properties) => {
        statement.Resource = 'arn:aws:secretsmanager:eu-central-1:444444444444:secret:*';
      },
    ]) {
      const [problems = []] = problemsAfter(isForeign, change);
      expect(problems).toHaveLength(1);
    }
  });

  test('a foreign principal that may do more than read or notify is found', () => {
    const isOwn = (statement: Properties) =>
      /^("\*"|\{"AWS":("\*"|"arn:aws:iam::\d{12}:root")\})$/.test(JSON.stringify(statement.Principal)) &&
      !JSON.stringify(statement.Action).includes('sts:');
    const more = (statement: Properties) => {
      const actions = [statement.Action].flat() as string[];
      const [service = ''] = String(actions[0]).split(':');
      statement.Action = [...actions, `${service}:DeleteEverything`];
    };
    const problems = problemsAfter((statement) => !isOwn(statement), more);
    expect(problems.length).toBeGreaterThan(20);
    expect(problems.filter(({ length }) => length === 0)).toEqual([]);
  });

  test.each<[string, (statement: Properties) => boolean, unknown]>([
    ['everybody', () => true, '*'],
    ['everybody', () => true, { AWS: '*' }],
    ['a stranger', () => true, { AWS: 'arn:aws:iam::999999999999:root' }],
    ['somebody federated', () => true, { Federated: 'accounts.google.com' }],
  ])('each of them with the principal %s is found', (_, which, Principal) => {
    const isEndpoint = (statement: Properties) =>
      statement.Principal === '*' || JSON.stringify(statement.Principal) === '{"AWS":"*"}';
    const problems = problemsAfter(
      (statement) => !isEndpoint(statement) && which(statement),
      (statement) => {
        statement.Principal = Principal;
        delete statement.Condition;
      },
    );
    expect(problems.length).toBeGreaterThan(20);
    expect(problems.filter(({ length }) => length === 0)).toEqual([]);
  });
});

test('a role of the tools account with all resources or all actions of a service is found', () => {
  const { template } = variant('the example');
  const isNamed = ({ Effect, Principal, Resource }: Properties) =>
    Effect === 'Allow' && Principal === undefined && Resource !== undefined && Resource !== '*';
  const before = permissionProblems(template).length;
  const changes: ((statement: Properties) => void)[] = [
    (statement) => {
      statement.Resource = '*';
    },
    (statement) => {
      const [action = ''] = [statement.Action].flat() as string[];
      statement.Action = [...([statement.Action].flat() as string[]), action.replace(/:.*/, ':*')];
    },
  ];
  for (const change of changes) {
    const count = [...objectsIn(template)].filter(isNamed).length;
    expect(count).toBeGreaterThan(50);
    for (let index = 0; index < count; index++) {
      const copy = structuredClone(template);
      const statement = [...objectsIn(copy)].filter(isNamed)[index] as Properties;
      change(statement);
      expect(permissionProblems(copy).length, JSON.stringify(statement)).toBeGreaterThan(before);
    }
  }
});
