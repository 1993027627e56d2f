import type { Deployment } from './deployment.ts';
import type { Environment } from './environment.ts';

/**
 * What the stages pass on to each other, beyond the names that the configuration fixes (`names.ts`). Each entry is a
 * parameter in Systems Manager, written by the stack that owns it and read by later stacks at deployment. Stacks do not
 * import each other's outputs, so none can block another's changes.
 */
export const contract = {
  network: [
    'vpc-id',
    'public-subnet-ids',
    'private-subnet-ids',
    'isolated-subnet-ids',
    'nat-addresses',
    'alarm-topic-arn',
    'endpoint-security-group-id',
    's3-prefix-list-id',
    'for-life',
  ],
  directory: ['directory-id', 'dns-addresses', 'for-life'],
  domain: ['user-secret-arn', 'rotation-function'],
  database: [
    'host',
    'port',
    'service-principal',
    'tls-name',
    'endpoint-address',
    'security-group-id',
    'admin-secret-arn',
    'for-life',
  ],
  service: ['url', 'listener-arn', 'load-balancer-security-group-id', 'integration-test-security-group-id'],
} as const;

/**
 * Values that some environments lack: they belong to our own database instance, a password that we rotate, or what
 * services share.
 */
type SometimesPublished =
  | 'endpoint-address'
  | 'security-group-id'
  | 'admin-secret-arn'
  | 'rotation-function'
  | 'listener-arn'
  | 'load-balancer-security-group-id'
  | 'integration-test-security-group-id';

export type ContractOwner = keyof typeof contract;
/** The keys that one owner publishes. */
export type ContractKey<Owner extends ContractOwner> = (typeof contract)[Owner][number];
/** All values of one owner; a list is joined with commas. */
export type ContractValues<Owner extends ContractOwner> = Readonly<
  Record<Exclude<ContractKey<Owner>, SometimesPublished>, string> &
    Partial<Record<Extract<ContractKey<Owner>, SometimesPublished>, string>>
>;

/** The name of the parameter that holds one value, such as `/windows-auth/staging/network/vpc-id`. */
export function contractParameterName<Owner extends ContractOwner>(
  deployment: Deployment,
  environment: Environment,
  owner: Owner,
  key: ContractKey<Owner>,
): string {
  return `/${deployment.name}/${environment.name}/${owner}/${key}`;
}

/** The name of the parameter that holds the ARN of a further service's user secret. */
export function serviceSecretParameterName(
  deployment: Deployment,
  environment: Environment,
  service: string,
): string {
  return `/${deployment.name}/${environment.name}/${serviceSecretKey(service)}`;
}

/** That name without the deployment and the environment. */
export function serviceSecretKey(service: string): string {
  return `services/${service}/user-secret-arn`;
}
