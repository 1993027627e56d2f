import { describe, expect, test } from 'vitest';
import { type Call, isAllowed } from './evaluate.ts';

const principal = 'arn:aws:iam::111111111111:role/one';
const call: Call = { principal, action: 's3:GetObject', resource: 'arn:aws:s3:::bucket/key' };
const statement = (Effect: string, actions: object) => ({ Effect, Resource: '*', ...actions });
const policy = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });
const other = statement('Allow', { Action: 'ec2:DescribeVpcs' });

/** Twice: what is judged once as a whole is judged by what concerns the call from then on. */
async function twice(identity: object): Promise<boolean> {
  const first = await isAllowed(call, { identity: [identity] });
  expect(await isAllowed(call, { identity: [identity] })).toBe(first);
  return first;
}

describe('A statement has its say on a call', () => {
  test.each([
    ['by name', { Action: 's3:GetObject' }],
    ['in other letters', { Action: 'S3:getobject' }],
    ['among others', { Action: ['ec2:DescribeVpcs', 's3:GetObject'] }],
    ['by a wildcard', { Action: 's3:Get*' }],
    ['by a wildcard in the middle', { Action: 's3:*Object' }],
    ['by one letter', { Action: 's3:Get?bject' }],
    ['as everything', { Action: '*' }],
    ['as not being another', { NotAction: 'ec2:DescribeVpcs' }],
  ])('%s', async (_, actions) => {
    expect(await twice(policy(other, statement('Allow', actions)))).toBe(true);
    const denied = policy(other, statement('Allow', { Action: '*' }), statement('Deny', actions));
    expect(await twice(denied)).toBe(false);
  });
});

test.each([
  ['of another service', { Action: 'sqs:*' }],
  ['of another action', { Action: 's3:PutObject' }],
  ['of a longer name', { Action: 's3:GetObjectTagging' }],
  ['of a shorter name', { Action: 's3:GetObjec' }],
  ['that excludes it', { NotAction: 's3:Get*' }],
])('A statement %s has none', async (_, actions) => {
  expect(await twice(policy(other, statement('Allow', actions)))).toBe(false);
  const denied = policy(other, statement('Allow', { Action: '*' }), statement('Deny', actions));
  expect(await twice(denied)).toBe(true);
});

test('a policy that is not valid is refused, also where the fault is in a statement about something else', async () => {
  const wrong = policy(
    statement('Allow', { Action: '*' }),
    statement('Perhaps', { Action: 'sqs:SendMessage' }),
  );
  for (const _ of ['once', 'again'])
    await expect(isAllowed(call, { identity: [wrong] })).rejects.toThrow('cannot be judged');
});
