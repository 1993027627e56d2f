import { describe, expect, test } from 'vitest';
import {
  mayStartAsItIs,
  overridableFields,
} from '../../lib/constructs/service/integration-test/start-build-statements.ts';

const project = 'arn:aws:codebuild:eu-central-1:222222222222:project/windows-auth-staging-integration-test';
const names = 'codebuild:environment.environmentVariables.name';

type Request = Readonly<Record<string, string | readonly string[]>>;

/** Whether the statements allow a request, by IAM's rules for the operators that they use. */
function allows(variables: Parameters<typeof mayStartAsItIs>[1], request: Request): boolean {
  const statements = mayStartAsItIs(project, variables).map((statement) => statement.toStatementJson());
  const holds = (condition: Record<string, Record<string, string | string[]>> = {}) =>
    Object.entries(condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, expected]) => {
        const value = request[key];
        if (operator === 'Null') return (value === undefined) === (expected === 'true');
        if (operator !== 'ForAnyValue:StringNotEquals') throw new Error(`${operator} is not evaluated here.`);
        return [value ?? []].flat().some((one) => ![expected].flat().includes(one));
      }),
    );
  const applying = statements.filter(({ Condition }) => holds(Condition));
  return (
    applying.some(({ Effect }) => Effect === 'Allow') && !applying.some(({ Effect }) => Effect === 'Deny')
  );
}

describe('A role that may start the integration test', () => {
  test('may start it unmodified', () => {
    expect(allows([], {})).toBe(true);
    expect(allows(['SERVICE_URL', 'DEPLOYMENT'], { [names]: ['SERVICE_URL', 'DEPLOYMENT'] })).toBe(true);
    expect(allows(['SERVICE_URL', 'DEPLOYMENT'], {})).toBe(true);
  });

  test.each(overridableFields)('may not override its %s', (field) => {
    expect(allows([], { [`codebuild:${field}`]: 'other' })).toBe(false);
    expect(allows(['SERVICE_URL'], { [`codebuild:${field}`]: 'other', [names]: ['SERVICE_URL'] })).toBe(
      false,
    );
  });

  test.each(
    ['buildspec', 'location'].map((name) => `source.${name}`).concat('environment.image', 'serviceRole'),
  )('may not override %s, with the condition key spelt as CodeBuild spells it', (field) =>
    expect(overridableFields).toContain(field),
  );

  test('may set only the named variables', () => {
    expect(allows([], { [names]: ['SERVICE_URL'] })).toBe(false);
    expect(allows(['SERVICE_URL'], { [names]: ['NODE_OPTIONS'] })).toBe(false);
    expect(allows(['SERVICE_URL'], { [names]: ['SERVICE_URL', 'NODE_OPTIONS'] })).toBe(false);
  });
});
