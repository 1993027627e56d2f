import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { overridableFields } from '../../../lib/constructs/service/integration-test/start-build-statements.ts';
import { objectsIn, type SynthesizedTemplate } from '../../infrastructure/template.ts';
import { largest, variant, variants } from '../variants.ts';

type Statement = Readonly<Record<string, unknown>> & { Condition?: unknown };

const variables = 'codebuild:environment.environmentVariables.name';
const startsTest = ({ Action, Resource }: Statement) =>
  [Action].flat().includes('codebuild:StartBuild') && /integration-test/i.test(JSON.stringify(Resource));

/** What a principal that may start an integration test could override in it. */
function replaceable(template: SynthesizedTemplate): string[] {
  return [...objectsIn(template.Resources)].flatMap(({ Statement }) => {
    if (!Array.isArray(Statement)) return [];
    const about = (Statement as Statement[]).filter(startsTest);
    return about
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap(({ Resource }) => {
        const denied = about.filter(
          (other) => other.Effect === 'Deny' && isDeepStrictEqual(other.Resource, Resource),
        );
        const hasDenied = (key: string) =>
          denied.some(({ Condition }) => isDeepStrictEqual(Condition, { Null: { [key]: 'false' } }));
        const named = denied.some(
          ({ Condition }) =>
            Object.keys(
              (Condition as { 'ForAnyValue:StringNotEquals'?: object })['ForAnyValue:StringNotEquals'] ?? {},
            ).join() === variables,
        );
        return [
          ...overridableFields.filter((field) => !hasDenied(`codebuild:${field}`)),
          ...(named || hasDenied(variables) ? [] : [variables]),
        ];
      });
  });
}

describe.each([...Object.keys(variants), largest])(
  'A principal that may start an integration test of %s',
  (name) => {
    test('can only start the approved one, unmodified', () => {
      const templates = [...variant(name).templates.values()];
      expect(
        templates.filter((template) =>
          [...objectsIn(template.Resources)].some(
            (one) => one.Effect === 'Allow' && startsTest(one as Statement),
          ),
        ),
      ).not.toEqual([]);
      expect(templates.flatMap(replaceable)).toEqual([]);
    });
  },
);

test('removing any one of the statements that forbid it lets a modified test start', () => {
  let tried = 0;
  for (const template of variant('the example').templates.values()) {
    const documents = [...objectsIn(template.Resources)].filter(({ Statement }) => Array.isArray(Statement));
    for (const [index, document] of documents.entries()) {
      for (const [place, statement] of (document.Statement as Statement[]).entries()) {
        if (statement.Effect !== 'Deny' || !startsTest(statement)) continue;
        const copy = structuredClone(template);
        const mutated = [...objectsIn(copy.Resources)].filter(({ Statement }) => Array.isArray(Statement));
        (mutated[index] as { Statement: Statement[] }).Statement.splice(place, 1);
        expect(replaceable(copy)).toHaveLength(1);
        tried += 1;
      }
    }
  }
  expect(tried).toBeGreaterThanOrEqual(2 * overridableFields.length);
});
