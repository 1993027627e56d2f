import { describe, expect, test } from 'vitest';
import {
  mayStartAsItIs,
  overridableFields,
} from '../../lib/constructs/service/integration-test/start-build-statements.ts';

const project = 'arn:aws:codebuild:eu-central-1:222222222222:project/windows-auth-staging-integration-test';
const names = 'codebuild:environment.environmentVariables.name';

type Request = Readonly<Record<string, string | readonly string[]>>;

/** Whether statements let a request through, by IAM's rules for the operators that they use. */
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

describe('Who may start the integration test', () => {
  test('may start it as it is', () => {
    expect(allows([], {})).toBe(true);
    expect(allows(['SERVICE_URL', 'DEPLOYMENT'], { [names]: ['SERVICE_URL', 'DEPLOYMENT'] })).toBe(true);
    expect(allows(['SERVICE_URL', 'DEPLOYMENT'], {})).toBe(true);
  });

  test.each(overridableFields)('may not put another %s in its place', (field) => {
    expect(allows([], { [`codebuild:${field}`]: 'other' })).toBe(false);
    expect(allows(['SERVICE_URL'], { [`codebuild:${field}`]: 'other', [names]: ['SERVICE_URL'] })).toBe(
      false,
    );
  });

  test.each(
    ['buildspec', 'location'].map((name) => `source.${name}`).concat('environment.image', 'serviceRole'),
  )('is refused %s by a key of CodeBuild, written as CodeBuild writes it', (field) =>
    expect(overridableFields).toContain(field),
  );

  test('may give no variable but the few that are named', () => {
    expect(allows([], { [names]: ['SERVICE_URL'] })).toBe(false);
    expect(allows(['SERVICE_URL'], { [names]: ['NODE_OPTIONS'] })).toBe(false);
    expect(allows(['SERVICE_URL'], { [names]: ['SERVICE_URL', 'NODE_OPTIONS'] })).toBe(false);
  });
});
