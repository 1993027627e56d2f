import { App, type AppProps, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { qualifierContextKey, refuseContextQualifier } from './config/bootstrap-names.ts';
import { type Deployment, type ImageDigests, loadDeployment } from './config/index.ts';
import { PipelineStack } from './delivery/pipeline-stack.ts';

/** An app whose synthesis fails on any cdk-nag finding that is not acknowledged. */
export function createGuardedApp(props?: AppProps): App {
  const app = new App(props);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
}

/**
 * The whole deployment: the pipeline and the environments that it deploys.
 *
 * @param images what the services run, by digest
 * @param props where the context comes from, other than the CDK's command line
 * @throws ConfigurationError when the context key `deployment` is wrong
 */
export function createApplication(images: (deployment: Deployment) => ImageDigests, props?: AppProps): App {
  const app = createGuardedApp(props);
  refuseContextQualifier({ [qualifierContextKey]: app.node.tryGetContext(qualifierContextKey) });
  const deployment = loadDeployment(app.node.tryGetContext('deployment'));
  new PipelineStack(app, 'pipeline', { deployment, images: images(deployment) });
  return app;
}
