import { describe, expect, test } from 'vitest';
import { crossingProblems, type Whereabouts } from '../../infrastructure/crossing-problems.ts';
import { estates } from '../../infrastructure/estates.ts';
import { permissionProblems } from '../../infrastructure/permission-problems.ts';
import { objectsIn, type SynthesizedTemplate } from '../../infrastructure/template.ts';
import { type SynthesizedPipeline, synthesizePipeline } from '../synthesized-pipeline.ts';
import { variant, variants } from '../variants.ts';

type Properties = Record<string, unknown>;

/** All templates, with the place of each. */
function placed({ deployment, templates }: SynthesizedPipeline): [SynthesizedTemplate, Whereabouts][] {
  const accounts = [deployment.tools.account, ...deployment.environments.map(({ account }) => account)];
  return [...templates].map(([place, template]) => {
    const [account = '', region = ''] = place.split('/');
    return [template, { account, region, accounts }];
  });
}

describe.each(Object.keys(variants))('Of %s', { timeout: 120_000 }, (name) => {
  test('no role of an environment has more rights than it must have', () => {
    const environments = [...variant(name).templates].filter(
      ([place]) => !/-(pipeline|images|artifacts)[^/]*$/.test(place),
    );
    expect(environments.flatMap(([, template]) => permissionProblems(template))).toEqual([]);
  });

  test('nothing comes from accounts of others or goes to them that is not named', () => {
    expect(placed(variant(name)).flatMap(([template, where]) => crossingProblems(template, where))).toEqual(
      [],
    );
  });
});

describe('Every statement about whom something is for is needed as it is:', { timeout: 120_000 }, () => {
  const foreign = synthesizePipeline(estates['a SQL Server and a user that are there']?.() as never);
  const all = [foreign, ...['the example', 'an estate that is there'].map(variant)].flatMap(placed);

  /** The problems of a template in which what a statement says of itself has been taken away. */
  const problemsAfter = (
    which: (statement: Properties) => boolean,
    change: (statement: Properties) => void,
  ): string[][] =>
    all.flatMap(([template, where]) => {
      const found = [...objectsIn(template.Resources)].filter(isOfResource).filter(which).length;
      return Array.from({ length: found }, (_, index) => {
        const copy = structuredClone(template);
        const statement = [...objectsIn(copy.Resources)].filter(isOfResource).filter(which)[index];
        change(statement as Properties);
        return crossingProblems(copy, where);
      });
    });
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
  ])('without %s it is found, in each', (key, atLeast) => {
    const problems = problemsAfter((statement) => conditions(statement).includes(key), drop(key));
    expect(problems.length).toBeGreaterThanOrEqual(atLeast);
    expect(problems.filter(({ length }) => length === 0)).toEqual([]);
  });

  test('secrets of others are for callers of our own account, and are named', () => {
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

  test('whoever is let in and may do more than read or tell is found', () => {
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
  ])('for %s it is found, in each', (_, which, Principal) => {
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
