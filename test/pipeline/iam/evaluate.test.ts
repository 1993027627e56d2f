import { describe, expect, test } from 'vitest';
import { type Call, isAllowed } from './evaluate.ts';

const principal = 'arn:aws:iam::111111111111:role/one';
const call: Call = { principal, action: 's3:GetObject', resource: 'arn:aws:s3:::bucket/key' };
const statement = (Effect: string, actions: object) => ({ Effect, Resource: '*', ...actions });
const policy = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });
const other = statement('Allow', { Action: 'ec2:DescribeVpcs' });

/** Asserts that the result stays the same: for the whole policy, for only its relevant statements, and from the cache. */
async function everyTime(identity: object): Promise<boolean> {
  const first = await isAllowed(call, { identity: [identity] });
  for (const _ of ['relevant statements', 'cache'])
    expect(await isAllowed(call, { identity: [identity] })).toBe(first);
  return first;
}

describe('A statement applies to a call', () => {
  test.each([
    ['by name', { Action: 's3:GetObject' }],
    ['in another case', { Action: 'S3:getobject' }],
    ['among others', { Action: ['ec2:DescribeVpcs', 's3:GetObject'] }],
    ['by a wildcard', { Action: 's3:Get*' }],
    ['by a wildcard in the middle', { Action: 's3:*Object' }],
    ['by a wildcard for one letter', { Action: 's3:Get?bject' }],
    ['as everything', { Action: '*' }],
    ['by NotAction with another action', { NotAction: 'ec2:DescribeVpcs' }],
  ])('%s', async (_, actions) => {
    expect(await everyTime(policy(other, statement('Allow', actions)))).toBe(true);
    const denied = policy(other, statement('Allow', { Action: '*' }), statement('Deny', actions));
    expect(await everyTime(denied)).toBe(false);
  });
});

test.each([
  ['of another service', { Action: 'sqs:*' }],
  ['of another action', { Action: 's3:PutObject' }],
  ['of a longer name', { Action: 's3:GetObjectTagging' }],
  ['of a shorter name', { Action: 's3:GetObjec' }],
  ['that excludes it', { NotAction: 's3:Get*' }],
])('A statement %s does not apply to the call', async (_, actions) => {
  expect(await everyTime(policy(other, statement('Allow', actions)))).toBe(false);
  const denied = policy(other, statement('Allow', { Action: '*' }), statement('Deny', actions));
  expect(await everyTime(denied)).toBe(true);
});

test('an invalid policy is refused, even if the fault is in a statement about another action', async () => {
  const wrong = policy(
    statement('Allow', { Action: '*' }),
    statement('Perhaps', { Action: 'sqs:SendMessage' }),
  );
  for (const _ of ['once', 'again'])
    await expect(isAllowed(call, { identity: [wrong] })).rejects.toThrow('cannot be judged');
});

const everything = policy(statement('Allow', { Action: '*' }));
const nothing = policy(statement('Deny', { Action: '*' }));
const forEverybody = policy({ ...statement('Allow', { Action: '*' }), Principal: '*' });
const forNobody = policy({ ...statement('Deny', { Action: '*' }), Principal: '*' });

test.each([
  ['of the caller', { identity: [everything, nothing] }],
  ['of its boundary', { identity: [everything], boundary: nothing }],
  ['of the resource', { identity: [everything], resource: forNobody }],
  ['of the endpoint', { identity: [everything], endpoint: forNobody }],
])('a result is not reused if the policy %s differs', async (_, policies) => {
  const harmless = { identity: [everything], boundary: everything, resource: forEverybody };
  for (const _ of ['as a whole', 'relevant statements', 'cache']) {
    expect(await isAllowed(call, { ...harmless, endpoint: forEverybody })).toBe(true);
    expect(await isAllowed(call, policies)).toBe(false);
  }
});

test('a result is not reused if the call differs in any part', async () => {
  const narrow = policy({
    Effect: 'Allow',
    Action: 's3:GetObject',
    Resource: call.resource,
    Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-central-1', 'aws:PrincipalTag/team': 'one' } },
  });
  const right: Call = { ...call, region: 'eu-central-1', context: { 'aws:PrincipalTag/team': 'one' } };
  for (const _ of ['as a whole', 'relevant statements', 'cache']) {
    expect(await isAllowed(right, { identity: [narrow] })).toBe(true);
    for (const other of [
      { action: 's3:PutObject' },
      { resource: `${call.resource}-2` },
      { region: 'eu-west-1' },
      { context: {} },
    ])
      expect(await isAllowed({ ...right, ...other }, { identity: [narrow] })).toBe(false);
  }
});

test('a result is not reused if the policy object was modified', async () => {
  const changing = structuredClone(everything) as { Statement: { Effect: string }[] };
  expect(await everyTime(changing)).toBe(true);
  for (const changed of changing.Statement) changed.Effect = 'Deny';
  expect(await everyTime(changing)).toBe(false);
});
