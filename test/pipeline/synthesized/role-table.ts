import { expect, test } from 'vitest';
import { accountRolesOf } from '../iam/account-roles.ts';
import { renderRoles } from '../iam/render-roles.ts';
import { shownTemplate } from '../shown-template.ts';
import { variant } from '../variants.ts';

test('the list of roles in docs/generated shows who may take on which', async () => {
  const pipeline = variant('the example');
  // To write the list anew: npx vitest run --project unit test/pipeline/synthesized.test.ts -u
  await expect(
    await renderRoles(accountRolesOf(pipeline, shownTemplate), pipeline.deployment),
  ).toMatchFileSnapshot('../../docs/generated/roles.md');
});
