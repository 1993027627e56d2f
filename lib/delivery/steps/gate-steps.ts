import { Duration } from 'aws-cdk-lib';
import { ComputeType } from 'aws-cdk-lib/aws-codebuild';
import type { FileSet } from 'aws-cdk-lib/pipelines';
import type { BuildContext } from '../build-context.ts';
import { testBuildImage } from '../codebuild-environments.ts';
import { BuildStep } from './build-step.ts';

/**
 * The checks that must pass before the synthesis, in parallel: types and lint; signed packages without known
 * vulnerabilities; the tests.
 */
export function gateSteps(context: BuildContext, source: FileSet): BuildStep[] {
  return [
    new BuildStep(context, {
      action: 'Checks',
      buildspec: 'checks',
      input: source,
      timeout: Duration.minutes(15),
    }),
    new BuildStep(context, {
      action: 'Audit',
      buildspec: 'audit',
      input: source,
      timeout: Duration.minutes(15),
    }),
    new BuildStep(context, {
      action: 'Tests',
      buildspec: 'tests',
      input: source,
      timeout: Duration.minutes(40),
      buildEnvironment: { buildImage: testBuildImage, computeType: ComputeType.MEDIUM },
    }),
  ];
}
