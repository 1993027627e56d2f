import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { FileSet } from 'aws-cdk-lib/pipelines';
import { pipelineRoles } from '../../config/iam-names.ts';
import { type Environment, namesOf } from '../../config/index.ts';
import { integrationTestAction } from '../../config/pipeline-names.ts';
import type { BuildContext } from '../build-context.ts';
import { ToolStep } from './tool-step.ts';

/**
 * Starts the integration test of an environment and waits for it. The test itself runs in the environment's own account
 * and network, where it can reach an internal load balancer.
 */
export class IntegrationTestStep extends ToolStep {
  constructor(context: BuildContext, environment: Environment, cloudAssembly: FileSet) {
    const { integrationTestProject, integrationTestRole } = namesOf(context.deployment, environment);
    const role = `arn:aws:iam::${environment.account}:role/${integrationTestRole}`;
    super(context, {
      action: integrationTestAction,
      name: `${environment.name}-start-integration-test`,
      buildspec: 'start-integration-test',
      primaryInput: cloudAssembly,
      env: {
        TEST_PROJECT: integrationTestProject,
        TEST_REGION: environment.region,
        TEST_ROLE_ARN: role,
      },
      roleName: pipelineRoles.integrationTest(context.deployment, environment),
      // Longer than the test's own limit, so that the test's own error is shown.
      timeout: Duration.minutes(40),
      statements: [new PolicyStatement({ actions: ['sts:AssumeRole'], resources: [role] })],
    });
  }
}
