import { Fn } from 'aws-cdk-lib';
import type { Environment } from '../../config/index.ts';

/**
 * The host name, in a self-managed directory, of an instance that RDS has joined to it. The name is
 * `<instance>.<part>.<region>.awsrds.<domain>`, and the endpoint `<instance>.<part>.<region>.rds.amazonaws.com`; `<part>`
 * is known only once the instance exists.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_SQLServer_SelfManagedActiveDirectory.Joining.html
 */
export function selfManagedHost({ region, domain }: Environment, endpoint: string): string {
  const [instance, part] = [0, 1].map((index) => Fn.select(index, Fn.split('.', endpoint)));
  return `${instance}.${part}.${region}.awsrds.${domain.name}`;
}
