import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';

const parameter = /^ssm:(.+)$/;

/** An id of the configuration: itself, or a token for the value that a parameter has when the stack is deployed. */
export function givenId(scope: Construct, id: string): string {
  const name = parameter.exec(id)?.[1];
  return name ? StringParameter.valueForStringParameter(scope, name) : id;
}
