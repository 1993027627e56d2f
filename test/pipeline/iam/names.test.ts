import { matchesGlob } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { roleNamePatterns } from '../../../lib/operator/bootstrap/places.ts';
import { exampleDeployment, stackParts } from '../../infrastructure/synthesize.ts';
import { generatedRoleName } from './generated-names.ts';

/** Names that CloudFormation gave to roles of public projects, by stack and logical id. */
test.each([
  [
    'test-icluster-testicluster-1',
    'HandlerServiceRoleFCDC14AE',
    'test-icluster-testicluste-HandlerServiceRoleFCDC14A',
  ],
  [
    'OpenReception-Web-dev',
    'CustomS3AutoDeleteObjectsCustomResourceProviderRole3B1BD092',
    'OpenReception-Web-dev-CustomS3AutoDeleteObjectsCust',
  ],
  [
    'aws-sam-cli-managed-prod-pipeline-resources',
    'CloudFormationExecutionRole',
    'aws-sam-cli-managed-prod--CloudFormationExecutionRo',
  ],
])(
  'The generated name of a role of the stack %s is the one that CloudFormation gave it',
  (stack, logicalId, name) => {
    expect(generatedRoleName(stack, logicalId, 25)).toMatch(new RegExp(`^${name}-\\w{12}$`));
  },
);

const name = fc.stringMatching(/^[a-z](-?[a-z0-9]){2,19}$/).filter(({ length }) => length <= 20);
const environment = fc.stringMatching(/^[a-z][a-z0-9]{1,11}$/);
const part = fc.constantFrom(...stackParts);
const logicalId = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{3,99}$/);
const half = fc.constantFrom<24 | 25>(24, 25);

const account = '333333333333';
/** Whether the name patterns of a deployment with this environment match a role. */
const isOwn = (deployment: string, environmentName: string, role: string) =>
  roleNamePatterns(
    exampleDeployment((input) => {
      input.name = deployment;
      const [, production] = input.environments;
      if (production) production.name = environmentName;
    }),
    account,
  ).some((pattern) => matchesGlob(role, pattern));

test('the patterns of a deployment match the roles of all its stacks, whatever the length of the names', () => {
  fc.assert(
    fc.property(name, environment, part, logicalId, half, (deployment, its, stack, id, cut) => {
      expect(isOwn(deployment, its, generatedRoleName(`${deployment}-${its}-${stack}`, id, cut))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('the patterns do not match roles of other deployments or environments, unless their stacks begin alike', () => {
  fc.assert(
    fc.property(name, environment, name, environment, part, logicalId, half, (...values) => {
      const [deployment, its, other, others, stack, id, cut] = values;
      const beginning = `${deployment}-${its}-`.slice(0, 24);
      const stackName = `${other}-${others}-${stack}`;
      fc.pre(!stackName.startsWith(beginning));
      expect(isOwn(deployment, its, generatedRoleName(stackName, id, cut))).toBe(false);
    }),
    { numRuns: 300 },
  );
});
