import { Fn } from 'aws-cdk-lib';
import type { Environment } from '../../config/index.ts';

/**
 * What an instance that RDS has joined to a self-managed directory is called there. It contains a part that is known when it
 * is made: `<instance>.<part>.<region>.awsrds.<domain>`, where the endpoint is
 * `<instance>.<part>.<region>.rds.amazonaws.com`.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_SQLServer_SelfManagedActiveDirectory.Joining.html
 */
export function selfManagedHost({ region, domain }: Environment, endpoint: string): string {
  const [instance, part] = [0, 1].map((index) => Fn.select(index, Fn.split('.', endpoint)));
  return `${instance}.${part}.${region}.awsrds.${domain.name}`;
}
