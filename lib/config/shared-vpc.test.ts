import { describe, expect, test } from 'vitest';
import {
  inNetwork,
  managed,
  network,
  partner,
  rule,
  table,
  type Values,
  zones,
} from '../../test/infrastructure/estate-values.ts';
import { exampleInput, sentencesAbout } from '../../test/infrastructure/example-deployment.ts';

/** The messages about two environments in the same account and region, unless these values differ. */
function said(first: Values, second: Values): string[] {
  const { environments, ...others } = structuredClone(exampleInput);
  const user = {
    name: 'svc-music',
    secretArn: 'arn:aws:secretsmanager:eu-central-1:222222222222:secret:corp/a-AbCdEf',
  };
  const usual = environments.map((environment, index) => ({
    ...environment,
    account: '222222222222',
    database: { identifier: `music-${index}` },
    ...(index === 0 && { user }),
  }));
  return sentencesAbout({
    ...others,
    environments: [
      { ...usual[0], ...first },
      { ...usual[1], ...second },
    ],
  });
}

const other = { ...network, vpcId: 'vpc-0123456789abcdef1' };
const parameter = 'ssm:/network/vpc-id';
const elsewhere = {
  account: '333333333333',
  database: { identifier: 'music' },
  directory: { ...managed, directoryId: 'd-9876543210' },
};
const tables = {
  a: { ...zones.a, routeTable: table },
  b: { ...zones.b, routeTable: table.replace('f0', 'f1') },
};
const otherTables = {
  a: { ...zones.a, routeTable: table.replace('f0', 'f2') },
  b: { ...zones.b, routeTable: table.replace('f0', 'f3') },
};
const createdFor = (values: Values = {}): Values => ({
  directory: { ...managed, resolver: 'create' },
  ...values,
});

describe('Of two environments in one VPC, one sentence reports what the second would create again', () => {
  test.each<[RegExp, Values, Values]>([
    [
      /^deployment\.environments\[1\]\.network\.endpoints is \["logs","ds"\]: it must be without logs: staging, which is in the same VPC, creates them there\.$/,
      inNetwork({ endpoints: ['logs', 'events'] }),
      inNetwork({ endpoints: ['logs', 'ds'] }),
    ],
    [
      /endpoints is "all": it must be without logs, s3: staging/,
      inNetwork({ endpoints: ['logs', 's3'], zones: tables }),
      inNetwork({ endpoints: 'all', zones: tables }),
    ],
    [
      /endpoints is "all": it must be without logs: staging/,
      inNetwork({ endpoints: ['logs', 's3'], zones: tables }),
      inNetwork({ endpoints: 'all', zones: otherTables }),
    ],
    [
      /endpoints is \["logs"\]: it must be without logs/,
      inNetwork({ vpcId: parameter, endpoints: ['logs'] }),
      inNetwork({ vpcId: parameter, endpoints: ['logs'] }),
    ],
    [
      /^deployment\.environments\[1\]\.directory\.resolver is "create": it must be "none": staging, which is in the same VPC, has the rule for names of corp\.example\.com there\.$/,
      inNetwork({}, createdFor()),
      inNetwork({}, createdFor()),
    ],
    [
      /directory\.resolver is \{"ruleId":.*names of corp\.example\.com/,
      inNetwork({}, createdFor()),
      inNetwork({}, { directory: { ...managed, resolver: rule } }),
    ],
    [
      /trusted\[0\]\.resolver is "create": .*names of partner\.example\.com/,
      inNetwork({}, { trusted: [{ ...partner, resolver: rule }] }),
      inNetwork({}, { trusted: [{ ...partner, resolver: 'create' }] }),
    ],
    [
      /trusted\[0\]\.resolver is "create": .*names of own\.example\.com/,
      inNetwork({}, createdFor({ domain: { name: 'own.example.com' } })),
      inNetwork({}, { trusted: [{ ...partner, name: 'own.example.com', resolver: 'create' }] }),
    ],
  ])('%s', (sentence, first, second) => {
    expect(said(first, second)).toEqual([expect.stringMatching(sentence)]);
  });

  test.each<[string, Values, Values]>([
    ['neither creates anything', inNetwork({}), inNetwork({})],
    ['only the first creates something', inNetwork({ endpoints: ['logs'] }, createdFor()), inNetwork({})],
    ['they create different endpoints', inNetwork({ endpoints: ['logs'] }), inNetwork({ endpoints: ['ds'] })],
    [
      'each has route tables of its own',
      inNetwork({ endpoints: ['s3'], zones: tables }),
      inNetwork({ endpoints: ['s3'], zones: otherTables }),
    ],
    [
      'rules are for different domains',
      inNetwork({}, createdFor()),
      inNetwork({}, createdFor({ domain: { name: 'own.example.com' } })),
    ],
    [
      'the VPC is another one',
      inNetwork({ endpoints: ['logs'] }, createdFor()),
      { ...inNetwork({}, createdFor()), network: { ...other, endpoints: ['logs'] } },
    ],
    [
      "the parameter is another account's",
      inNetwork({ vpcId: parameter, endpoints: ['logs'] }),
      inNetwork({ vpcId: parameter, endpoints: ['logs'] }, elsewhere),
    ],
  ])('or nothing, if %s', (_, first, second) => {
    expect(said(first, second)).toEqual([]);
  });
});
