import { execa } from 'execa';

/** The output of `cdk bootstrap --show-template`, run once per process because the CDK's CLI takes a second. */
export const { stdout: shownTemplate } = await execa('cdk', ['bootstrap', '--show-template'], {
  preferLocal: true,
});
