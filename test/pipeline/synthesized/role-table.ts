import { expect, test } from 'vitest';
import { accountRolesOf } from '../iam/account-roles.ts';
import { renderRoles } from '../iam/render-roles.ts';
import { shownTemplate } from '../shown-template.ts';
import { variant } from '../variants.ts';

test('docs/generated/roles.md shows who may assume which role', async () => {
  const pipeline = variant('the example');
  // To regenerate the list: npx vitest run --project unit test/pipeline/synthesized.test.ts -u
  await expect(
    await renderRoles(accountRolesOf(pipeline, shownTemplate), pipeline.deployment),
  ).toMatchFileSnapshot('../../docs/generated/roles.md');
});
