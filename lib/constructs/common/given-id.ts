import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';

const parameter = /^ssm:(.+)$/;

/** An id from the configuration: as it is, or for `ssm:<name>` a token for the parameter's value at deployment. */
export function givenId(scope: Construct, id: string): string {
  const name = parameter.exec(id)?.[1];
  return name ? StringParameter.valueForStringParameter(scope, name) : id;
}
