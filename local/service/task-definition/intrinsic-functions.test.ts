import { expect, test } from 'vitest';
import { resolveIntrinsicFunctions } from './intrinsic-functions.ts';

const known: Record<string, string> = { 'AWS::Region': 'eu-central-1', 'Log.Arn': 'arn:log', List: 'a,b' };
const resolve = (value: unknown) =>
  resolveIntrinsicFunctions(value, { Resources: {} }, (reference) => known[reference], 'Value');

test.each([
  ['Ref', { Ref: 'AWS::Region' }, 'eu-central-1'],
  ['Fn::GetAtt as a list', { 'Fn::GetAtt': ['Log', 'Arn'] }, 'arn:log'],
  ['Fn::GetAtt as text', { 'Fn::GetAtt': 'Log.Arn' }, 'arn:log'],
  ['Fn::Join', { 'Fn::Join': ['-', ['a', { Ref: 'AWS::Region' }]] }, 'a-eu-central-1'],
  ['Fn::Select and Fn::Split', { 'Fn::Select': ['1', { 'Fn::Split': [',', { Ref: 'List' }] }] }, 'b'],
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: CloudFormation's own syntax
  ['Fn::Sub', { 'Fn::Sub': 'in ${AWS::Region}: ${!Literal}' }, 'in eu-central-1: ${Literal}'],
  ['Fn::Sub with variables', { 'Fn::Sub': ['${Here} ${Log.Arn}', { Here: 'x' }] }, 'x arn:log'],
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: CloudFormation's own syntax
  ['what is inside others', { a: [{ Ref: 'List' }, 1, null] }, { a: ['a,b', 1, null] }],
])('%s', (_, value, expected) => {
  expect(resolve(value)).toEqual(expected);
});
