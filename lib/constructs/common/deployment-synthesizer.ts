import { DefaultStackSynthesizer, type IStackSynthesizer } from 'aws-cdk-lib';
import { bootstrapQualifier } from '../../config/bootstrap-names.ts';
import type { Deployment } from '../../config/index.ts';

/** Has a stack deployed by the roles of the deployment's own bootstrap. */
export function deploymentSynthesizer(deployment: Deployment): IStackSynthesizer {
  // The CDK's classes declare optional properties less exactly than their interfaces: here and elsewhere.
  return new DefaultStackSynthesizer({ qualifier: bootstrapQualifier(deployment) }) as IStackSynthesizer;
}
