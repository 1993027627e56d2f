import { readCdkContext } from '../../lib/config/cdk-json.ts';
import { type Deployment, loadDeployment } from '../../lib/config/index.ts';

/** The CDK context that cdk.json of this repository has. */
export function cdkContext(): Readonly<Record<string, unknown>> {
  return readCdkContext(new URL('../../cdk.json', import.meta.url));
}

/** The deployment of which it is written, as it stands there. */
export function writtenDeployment(): unknown {
  return cdkContext().deployment;
}

/** The deployment that it describes. @throws ConfigurationError with a sentence for each wrong key */
export function configuredDeployment(): Deployment {
  return loadDeployment(writtenDeployment());
}
