import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { executionPolicy } from '../../../lib/operator/bootstrap/execution-policy.ts';
import { permissionsBoundary } from '../../../lib/operator/bootstrap/permissions-boundary.ts';
import {
  templateReaderPolicy,
  templateReaderTrust,
} from '../../../lib/operator/bootstrap/template-reader.ts';
import {
  list,
  objectsIn,
  type Resource,
  resources,
  type SynthesizedTemplate,
} from '../../infrastructure/template.ts';
import { accountRolesOf } from '../iam/account-roles.ts';
import { callsOfPrograms } from '../iam/calls-of-programs.ts';
import { policiesOfBootstrap } from '../iam/policies-of-bootstrap.ts';
import { linesOf, policiesOf, type Statement as Readable } from '../iam/policies-of-template.ts';
import { type Recorded, renderPermissions } from '../iam/render-permissions.ts';
import { unusedRights } from '../iam/unused-rights.ts';
import { shownTemplate } from '../shown-template.ts';
import { estateNames, largest, variant, variants } from '../variants.ts';

const example = 'the example';

/** All deployments of the document. Only the example has its bootstrap: those of the others differ only in names. */
function recorded(): Map<string, Recorded> {
  return new Map(
    [...Object.keys(variants), largest, ...estateNames].map((name) => {
      const pipeline = variant(name);
      const bootstrap = name === example ? { bootstrap: accountRolesOf(pipeline, shownTemplate) } : {};
      return [name, { ...pipeline, ...bootstrap }];
    }),
  );
}

test('docs/generated/permissions.md is up to date', async () => {
  // To regenerate it: npx vitest run --project unit test/pipeline/synthesized.test.ts -u
  await expect(renderPermissions(recorded())).toMatchFileSnapshot('../../docs/generated/permissions.md');
});

type Statement = Record<string, unknown>;

/** The statements of a template that allow actions on resources. */
function allowing(template: SynthesizedTemplate): Statement[] {
  return [...objectsIn(template.Resources)].filter(
    ({ Effect, Action, Resource }) => Effect === 'Allow' && Action !== undefined && Resource !== undefined,
  );
}

const besides = (action: string) => (statement: Statement) => {
  statement.Action = [statement.Action, action].flat();
};

describe('A line of the document changes when a statement in one environment gets', () => {
  const changes: Readonly<Record<string, (statement: Statement) => void>> = {
    's3:DeleteObject in addition': besides('s3:DeleteObject'),
    'ecs:UpdateService in addition': besides('ecs:UpdateService'),
    'kms:ReEncryptFrom in addition': besides('kms:ReEncryptFrom'),
    'every resource instead of its own': (statement) => {
      statement.Resource = 'arn:aws:*';
    },
    'every resource in addition to its own': (statement) => {
      statement.Resource = [statement.Resource, 'arn:aws:*'].flat();
    },
    'a resource that ends in a pattern': (statement) => {
      statement.Resource = { 'Fn::Join': ['', [[statement.Resource].flat()[0], '*']] };
    },
    'another condition, or none': (statement) => {
      statement.Condition = statement.Condition ? undefined : { Bool: { 'aws:ViaAWSService': 'true' } };
    },
    'the effect Deny': (statement) => {
      statement.Effect = 'Deny';
    },
    removed: (statement) => {
      for (const key of Object.keys(statement)) delete statement[key];
    },
  };
  const { deployment, templates } = variant(example);
  const ofEnvironments = [...templates].filter(([place]) => /-staging-/.test(place));
  const mutated = (template: SynthesizedTemplate, index: number, change: (statement: Statement) => void) => {
    const copy = structuredClone(template);
    change(allowing(copy)[index] as Statement);
    return copy;
  };

  test.each(Object.entries(changes))('%s', (_, change) => {
    for (const [place, template] of ofEnvironments) {
      const before = policiesOf(deployment, place, template);
      // Trying all of them would take too long, so only the first of each quarter is changed.
      const { length } = allowing(template);
      for (let index = 0; index < length; index += Math.ceil(length / 4))
        expect(policiesOf(deployment, place, mutated(template, index, change))).not.toEqual(before);
    }
  });

  test('an additional action, and the line names the deployment and environment', () => {
    const [place, template] = ofEnvironments.at(-1) as [string, SynthesizedTemplate];
    const before = new Set(renderPermissions(recorded()).split('\n'));
    const changed = new Map([...templates, [place, mutated(template, 0, besides('s3:DeleteObject'))]]);
    const after = renderPermissions(recorded().set(example, { deployment, templates: changed })).split('\n');
    const added = after.filter((line) => !before.has(line) && line.includes('s3:DeleteObject'));
    expect(added).not.toEqual([]);
    for (const line of added) expect(line).toMatch(/` — in a\/staging$/);
  });
});

test.each<[string, (properties: Record<string, unknown>) => void]>([
  ['no boundary', (role) => delete role.PermissionsBoundary],
  ['another boundary', (role) => Object.assign(role, { PermissionsBoundary: 'arn:aws:iam::aws:policy/x' })],
  [
    'an AWS managed policy',
    (role) => Object.assign(role, { ManagedPolicyArns: ['arn:aws:iam::aws:policy/x'] }),
  ],
  [
    'another principal that may assume it',
    ({ AssumeRolePolicyDocument }) => {
      const [statement] = (AssumeRolePolicyDocument as { Statement: Statement[] }).Statement;
      Object.assign(statement as Statement, { Principal: { AWS: '*' } });
    },
  ],
  [
    'an inline policy',
    (role) => {
      const Statement = [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'x' }];
      role.Policies = [...list(role.Policies), { PolicyName: 'x', PolicyDocument: { Statement } }];
    },
  ],
])('A line of the document changes when a role gets %s', (_, change) => {
  const { deployment, templates } = variant(example);
  for (const [place, template] of [...templates].filter(([each]) => /-staging-/.test(each))) {
    for (const [id] of resources(template, 'AWS::IAM::Role')) {
      const Resources = { ...template.Resources, [id]: structuredClone(template.Resources[id] as Resource) };
      change(Resources[id]?.Properties);
      expect(policiesOf(deployment, place, { Resources })).not.toEqual(
        policiesOf(deployment, place, template),
      );
    }
  }
});

describe('In the permissions document, statements of the bootstrap', () => {
  const [tools, production] = ['111111111111', '333333333333'];
  const { deployment } = variant(example);
  const policies = [tools, production].flatMap((account) => [
    permissionsBoundary(deployment, account),
    executionPolicy(deployment, account),
    templateReaderPolicy(deployment, account),
    templateReaderTrust(deployment, account),
  ]) as unknown as { Statement: Readable[] }[];

  test.each<[string, (statement: Readable) => Readable | undefined]>([
    ['is gone', () => undefined],
    ['loses its condition', ({ Condition, ...statement }) => statement],
    [
      'gets one more action',
      (statement) => ({ ...statement, Action: [statement.Action ?? [], 'iam:PassRole*'].flat() }),
    ],
    ['loses one action', (statement) => ({ ...statement, Action: [statement.Action ?? []].flat().slice(1) })],
    [
      'applies to every resource',
      ({ NotResource, ...statement }) => ({ ...statement, Resource: 'arn:aws:*' }),
    ],
    [
      'gets the opposite effect',
      (statement) => ({ ...statement, Effect: statement.Effect === 'Allow' ? 'Deny' : 'Allow' }),
    ],
  ])('change their line when one %s', (_, change) => {
    let tried = 0;
    for (const { Statement } of policies) {
      for (const [index, statement] of Statement.entries()) {
        const changed = change(statement);
        if (isDeepStrictEqual(changed, statement)) continue;
        expect(linesOf(Statement.toSpliced(index, 1, ...(changed ? [changed] : []))).sort()).not.toEqual(
          linesOf(Statement).sort(),
        );
        tried += 1;
      }
    }
    expect(tried).toBeGreaterThan(10);
  });

  test('are all listed, as their accounts have them', () => {
    const bootstrap = accountRolesOf(variant(example), shownTemplate);
    const lines = policiesOfBootstrap(deployment, bootstrap).flatMap((holder) => holder.lines);
    const document = renderPermissions(recorded());
    for (const line of lines) expect(document).toContain(`- \`${line}\``);
    expect(lines.length).toBeGreaterThan(60);
  });
});

describe("Every action of an environment's role is called by a program that assumes the role", () => {
  const programs = callsOfPrograms();
  const environmentsOf = (name: string) => {
    const { deployment, templates } = variant(name);
    return [...templates].filter(([place]) => !place.startsWith(`${deployment.tools.account}/`));
  };

  test.each([...Object.keys(variants), largest, ...estateNames])('%s', (name) => {
    for (const [place, template] of environmentsOf(name))
      expect(unusedRights(template, programs), place).toEqual([]);
  });

  test('the AWS calls of each program are found: at least one each, and exactly one for the sidecar', () => {
    expect(Object.entries(programs).filter(([, calls]) => calls.length === 0)).toEqual([]);
    expect(programs.sidecar).toEqual(['secretsmanager:GetSecretValue']);
    expect(programs['sql-login']).not.toContain('secretsmanager:PutSecretValue');
  });

  test.each([
    's3:DeleteObject',
    'ecs:UpdateService',
    'ec2:DescribeInstances',
    'secretsmanager:DeleteSecret',
    'logs:CreateLogGroup',
    'ds:*',
  ])('an additional %s is found, in every role that has permissions', (action) => {
    let tried = 0;
    for (const [, template] of environmentsOf(largest)) {
      for (const [id] of resources(template, 'AWS::IAM::Role')) {
        const copy = structuredClone(template);
        const policies = [
          copy.Resources[id]?.Properties.Policies,
          ...resources(copy, 'AWS::IAM::Policy')
            .filter(([, { Properties }]) => JSON.stringify(Properties.Roles).includes(`"${id}"`))
            .map(([, { Properties }]) => Properties.PolicyDocument),
        ];
        const [statement] = [...objectsIn(policies)].filter(({ Effect }) => Effect === 'Allow');
        if (!statement) continue;
        besides(action)(statement);
        expect(unusedRights(copy, programs)).toEqual([
          expect.stringMatching(`^${id} may call ${action.replace('*', '.')}, which nobody does`),
        ]);
        tried += 1;
      }
    }
    expect(tried).toBeGreaterThan(40);
  });
});
