import { Fn } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import {
  type ContractKey,
  type ContractOwner,
  type ContractValues,
  contractParameterName,
  serviceSecretParameterName,
} from '../../config/contract.ts';
import { type ForLifeOwner, forLife } from '../../config/for-life.ts';
import type { Deployment, Environment } from '../../config/index.ts';

/** The environment and deployment that a stack and its constructs belong to. */
export interface EnvironmentContext {
  readonly deployment: Deployment;
  readonly environment: Environment;
}

/** Publishes all values of one owner as parameters, in the owner's own stack. */
export function publishContract<Owner extends ContractOwner>(
  scope: Construct,
  { deployment, environment }: EnvironmentContext,
  owner: Owner,
  values: ContractValues<Owner>,
): void {
  for (const [key, value] of Object.entries(values) as [ContractKey<Owner>, string][]) {
    new StringParameter(scope, `Contract-${owner}-${key}`, {
      parameterName: contractParameterName(deployment, environment, owner, key),
      stringValue: value,
      description: `Read by later stages of ${environment.name}`,
    });
  }
}

/** Publishes the ARN of the user secret of a further service as a parameter. */
export function publishServiceSecret(
  scope: Construct,
  { deployment, environment }: EnvironmentContext,
  service: string,
  secretArn: string,
): void {
  new StringParameter(scope, `Contract-services-${service}-user-secret-arn`, {
    parameterName: serviceSecretParameterName(deployment, environment, service),
    stringValue: secretArn,
    description: `Read by later stages of ${environment.name}`,
  });
}

/** @returns a token for the ARN of the user secret of a further service */
export function readServiceSecret(
  scope: Construct,
  { deployment, environment }: EnvironmentContext,
  service: string,
): string {
  return StringParameter.valueForStringParameter(
    scope,
    serviceSecretParameterName(deployment, environment, service),
  );
}

/** The settings of an owner that cannot change after deployment, as JSON. `lib/programs/check-changes.ts` reads it. */
export function forLifeRecord(owner: ForLifeOwner, { environment }: EnvironmentContext): string {
  return JSON.stringify(forLife(owner, environment));
}

/** @returns a token for a value that an earlier stage has published, resolved when the stack is deployed */
export function readContract<Owner extends ContractOwner>(
  scope: Construct,
  { deployment, environment }: EnvironmentContext,
  owner: Owner,
  key: ContractKey<Owner>,
): string {
  return StringParameter.valueForStringParameter(
    scope,
    contractParameterName(deployment, environment, owner, key),
  );
}

/** @returns tokens for the items of a published list, whose length both sides know from the configuration */
export function readContractList<Owner extends ContractOwner>(
  scope: Construct,
  context: EnvironmentContext,
  owner: Owner,
  key: ContractKey<Owner>,
  length: number,
): string[] {
  return Fn.split(',', readContract(scope, context, owner, key), length);
}
