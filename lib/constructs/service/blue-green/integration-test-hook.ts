import type { IntegrationTestHookEnvironment } from '@packages/contracts';
import { Duration, Stack } from 'aws-cdk-lib';
import { DeploymentLifecycleLambdaTarget, DeploymentLifecycleStage } from 'aws-cdk-lib/aws-ecs';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Construct } from 'constructs';
import { namesOf } from '../../../config/index.ts';
import { environmentLogGroup } from '../../common/environment-log-group.ts';
import type { EnvironmentContext } from '../../common/stage-contract.ts';
import { mayStartAsItIs } from '../integration-test/start-build-statements.ts';

/** Runs the integration test against the new tasks before a blue/green deployment gives them production traffic. */
export class IntegrationTestHook extends Construct {
  readonly target: DeploymentLifecycleLambdaTarget;

  constructor(scope: Construct, id: string, context: EnvironmentContext, testUrl: string) {
    super(scope, id);
    const { integrationTestProject } = namesOf(context.deployment, context.environment);
    const logGroup = environmentLogGroup(this, 'Logs', context.environment);
    const project = Stack.of(this).formatArn({
      service: 'codebuild',
      resource: 'project',
      resourceName: integrationTestProject,
    });
    const hook = new NodejsFunction(this, 'Function', {
      entry: new URL('integration-test-hook.handler.ts', import.meta.url).pathname,
      description: 'Tests the new tasks of a blue/green deployment',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: Duration.seconds(30),
      environment: {
        TEST_PROJECT: integrationTestProject,
        SERVICE_URL: testUrl,
      } satisfies IntegrationTestHookEnvironment,
      bundling: { format: OutputFormat.ESM, minify: true, externalModules: ['@aws-sdk/*'] },
      logGroup,
      role: new Role(this, 'Role', {
        assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
        inlinePolicies: {
          Test: new PolicyDocument({
            statements: [
              new PolicyStatement({
                actions: ['codebuild:BatchGetBuilds', 'codebuild:ListBuildsForProject'],
                resources: [project],
              }),
              ...mayStartAsItIs(project, ['SERVICE_URL', 'DEPLOYMENT']),
              new PolicyStatement({
                actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
                resources: [logGroup.logGroupArn],
              }),
            ],
          }),
        },
      }),
    });
    const invoker = new Role(this, 'Invoker', {
      assumedBy: new ServicePrincipal('ecs.amazonaws.com'),
      description: 'Calls the hook during deployments',
    });
    this.target = new DeploymentLifecycleLambdaTarget(hook, 'IntegrationTest', {
      role: invoker,
      lifecycleStages: [DeploymentLifecycleStage.POST_TEST_TRAFFIC_SHIFT],
    });
  }
}
