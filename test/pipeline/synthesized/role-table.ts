import { execa } from 'execa';
import { expect, test } from 'vitest';
import { accountRolesOf } from '../iam/account-roles.ts';
import { renderRoles } from '../iam/render-roles.ts';
import { variant } from '../variants.ts';

test('the list of roles in docs/generated shows who may take on which', { timeout: 120_000 }, async () => {
  const { stdout } = await execa('cdk', ['bootstrap', '--show-template'], { preferLocal: true });
  const pipeline = variant('the example');
  // To write the list anew: npx vitest run --project unit -u test/pipeline/synthesized.test.ts
  await expect(await renderRoles(accountRolesOf(pipeline, stdout), pipeline.deployment)).toMatchFileSnapshot(
    '../../docs/generated/roles.md',
  );
});
