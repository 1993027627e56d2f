import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { namedStack } from './assembly.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assembly-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('A template with a name twice, of which readers take one or the other,', () => {
  const twice = '{"Resources":{"A":{"Type":"Evil"},"B":{"Text":"a \\"A\\": {"},"A":{"Type":"Good"}}}';
  const words = 'eu-central-1/windows-auth-x=x.template.json';

  test('is not compared as one of both', () => {
    writeFileSync(join(folder, 'x.template.json'), twice);
    expect(() => namedStack(folder, words)).toThrow(/has a name twice in one object/);
  });

  test('is told from one in which the texts alone look so', () => {
    const text = JSON.stringify({
      A: '"A": {"A": 1}',
      B: ['"B":', { A: null, '"': '\\' }],
      ['__proto__']: 1,
    });
    writeFileSync(join(folder, 'x.template.json'), text);
    expect(namedStack(folder, words).template).toEqual(JSON.parse(text));
  });
});

test.each([
  [{ 'Fn::Transform': { Name: 'AWS::Include', Parameters: { Location: 's3://x/y' } } }],
  [{ Transform: 'AWS::Include' }],
  [{ Transform: ['AWS::LanguageExtensions', { Name: 'AWS::Include' }] }],
])(
  'A template that takes a part from elsewhere, which may change after it was approved, is refused: %j',
  (part) => {
    writeFileSync(
      join(folder, 'x.template.json'),
      JSON.stringify({ Resources: { A: { Properties: part } } }),
    );
    expect(() => namedStack(folder, 'eu-central-1/windows-auth-x=x.template.json')).toThrow(
      /takes a part of itself from elsewhere \(AWS::Include\)/,
    );
  },
);
