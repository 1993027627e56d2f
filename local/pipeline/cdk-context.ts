import { readCdkContext } from '../../lib/config/cdk-json.ts';
import { type Deployment, loadDeployment } from '../../lib/config/index.ts';

/** The CDK context in this repository's cdk.json. */
export function cdkContext(): Readonly<Record<string, unknown>> {
  return readCdkContext(new URL('../../cdk.json', import.meta.url));
}

/** The deployment as written in cdk.json, not yet validated. */
export function writtenDeployment(): unknown {
  return cdkContext().deployment;
}

/** The validated deployment from cdk.json. @throws ConfigurationError with a message for each wrong key */
export function configuredDeployment(): Deployment {
  return loadDeployment(writtenDeployment());
}
