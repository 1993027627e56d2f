import { execa } from 'execa';

/** What `cdk bootstrap --show-template` prints: once for all tests of a process, as the CDK's CLI takes a second. */
export const { stdout: shownTemplate } = await execa('cdk', ['bootstrap', '--show-template'], {
  preferLocal: true,
});
