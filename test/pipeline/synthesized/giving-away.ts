import { describe, expect, test } from 'vitest';
import { executionPolicy } from '../../../lib/operator/bootstrap/execution-policy.ts';
import { permissionsBoundary } from '../../../lib/operator/bootstrap/permissions-boundary.ts';
import { exampleDeployment } from '../../infrastructure/example-deployment.ts';
import { everything, production, tools, without } from '../iam/attacker.ts';
import type { Policy } from '../iam/evaluate.ts';
import { changesOfRoles, neverOfTemplates, permissionsOfRoles, through } from '../iam/never.ts';
import { variant } from '../variants.ts';

const { deployment } = variant('the example');

describe.each([tools, production])('In the account %s', (account) => {
  const boundary = permissionsBoundary(deployment, account);
  const execution = executionPolicy(deployment, account);

  test('no role can grant others access to resources, even with every permission', async () => {
    const actions = await permissionsOfRoles(account, boundary);
    expect(actions.length).toBeGreaterThan(10);
    expect(await through(actions, account, { identity: [everything], boundary })).toEqual([]);
    const open = without('NoNewRights')(boundary);
    expect(await through(actions, account, { identity: [everything], boundary: open })).toEqual(actions);
  });

  test('no role can change buckets, keys, aliases or repositories, even with every permission', async () => {
    const actions = await changesOfRoles(account);
    expect(actions.length).toBeGreaterThan(50);
    expect(await through(actions, account, { identity: [everything], boundary })).toEqual([]);
    const open = without('NoNewRights')(boundary);
    expect(await through(actions, account, { identity: [everything], boundary: open })).toEqual(actions);
  });

  test('no template can grant others access with a call that its resources do not need', async () => {
    const actions = await neverOfTemplates(execution);
    expect(actions.length).toBeGreaterThan(10);
    expect(await through(actions, account, { identity: [execution] })).toEqual([]);
    const open = without('NeverOfATemplate')(execution);
    expect(await through(actions, account, { identity: [open] })).toEqual(actions);
  });
});

test('a role may set a log resource policy only where a state machine needs that', async () => {
  const boundaryOf = (change: Parameters<typeof exampleDeployment>[0]) =>
    permissionsBoundary(exampleDeployment(change), production);
  const lets = async (boundary: Policy) =>
    (await through(['logs:PutResourcePolicy'], production, { identity: [everything], boundary })).length > 0;
  const fetched: Parameters<typeof exampleDeployment>[0] = ({ environments }) => {
    for (const environment of environments)
      environment.service = { ...environment.service, credentialMode: 'fetched' };
  };
  expect(await lets(boundaryOf(() => undefined))).toBe(true);
  expect(await lets(boundaryOf(fetched))).toBe(false);
  expect(await lets(without('NoNewRights')(boundaryOf(fetched)))).toBe(true);
  expect(
    await lets(
      boundaryOf((input) => {
        fetched(input);
        input.services = { nightly: { kind: 'job', schedule: 'cron(0 3 * * ? *)' } };
      }),
    ),
  ).toBe(true);
});
