import { namesOf } from '../../config/index.ts';
import type { EnvironmentContext } from './stage-contract.ts';

/**
 * The mark of an environment on what provisioning makes in its directory and its server: it outlives a stack, and tells
 * two environments in one directory apart. The provisioning knows it by its form.
 */
export function ownerOf({ deployment, environment }: EnvironmentContext): string {
  return `${environment.account}/${environment.region}/${namesOf(deployment, environment).prefix}`;
}
