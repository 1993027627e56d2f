import { DefaultStackSynthesizer, type IStackSynthesizer } from 'aws-cdk-lib';
import { bootstrapQualifier } from '../../config/bootstrap-names.ts';
import type { Deployment } from '../../config/index.ts';

/** Deploys a stack with the roles of the deployment's own bootstrap. */
export function deploymentSynthesizer(deployment: Deployment): IStackSynthesizer {
  // The cast is needed because the CDK's classes declare optional properties less exactly than their interfaces.
  return new DefaultStackSynthesizer({ qualifier: bootstrapQualifier(deployment) }) as IStackSynthesizer;
}
