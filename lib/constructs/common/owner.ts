import { namesOf } from '../../config/index.ts';
import type { EnvironmentContext } from './stage-contract.ts';

/**
 * Identifies an environment as the owner of what provisioning creates in the directory and in SQL Server. It stays the
 * same when a stack is recreated, and differs between environments that share a directory. Provisioning parses it.
 */
export function ownerOf({ deployment, environment }: EnvironmentContext): string {
  return `${environment.account}/${environment.region}/${namesOf(deployment, environment).prefix}`;
}
