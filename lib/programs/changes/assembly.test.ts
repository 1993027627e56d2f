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

describe('A template with a duplicate key, of which parsers take one or the other,', () => {
  const twice = '{"Resources":{"A":{"Type":"Evil"},"B":{"Text":"a \\"A\\": {"},"A":{"Type":"Good"}}}';
  const words = 'eu-central-1/windows-auth-x=x.template.json';

  test('is refused', () => {
    writeFileSync(join(folder, 'x.template.json'), twice);
    expect(() => namedStack(folder, words)).toThrow(/has a duplicate key in an object/);
  });

  test('is not confused with one whose strings only look like duplicate keys', () => {
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
  'A template that includes content from elsewhere, which may change after the approval, is refused: %j',
  (part) => {
    writeFileSync(
      join(folder, 'x.template.json'),
      JSON.stringify({ Resources: { A: { Properties: part } } }),
    );
    expect(() => namedStack(folder, 'eu-central-1/windows-auth-x=x.template.json')).toThrow(
      /includes content from elsewhere \(AWS::Include\)/,
    );
  },
);
