import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { type Synthesis, stackParts } from './synthesize.ts';
import type { SynthesizedTemplate } from './template.ts';

/** Types that hold data or identity, and those that contain them. Replacing one would lose data or block the update. */
export const guardedTypes = [
  'AWS::DirectoryService::MicrosoftAD',
  'AWS::RDS::DBInstance',
  'AWS::RDS::DBSubnetGroup',
  'AWS::SecretsManager::Secret',
  'AWS::KMS::Key',
  'AWS::EC2::VPC',
  'AWS::EC2::Subnet',
  'Custom::DirectoryUser',
  'Custom::SqlDatabase',
  'Custom::SqlLogin',
];

/** A resource that must not be replaced, with the properties whose change would replace it. */
export interface Guarded {
  readonly type: string;
  readonly replacing: Readonly<Record<string, unknown>>;
}
/** Keyed by stack and logical id, such as `production-database/SqlServerInstance…`. */
export type GuardedResources = Readonly<Record<string, Guarded>>;

/** @returns all guarded resources in an environment's stacks */
export function guardedResources(synthesis: Synthesis, environment: string): GuardedResources {
  return Object.fromEntries(
    stackParts
      .slice(0, -1)
      .flatMap((part) =>
        guardedIn(synthesis.template(environment, part)).map(([id, guarded]) => [
          `${environment}-${part}/${id}`,
          guarded,
        ]),
      ),
  );
}

function guardedIn({ Resources }: SynthesizedTemplate): [string, Guarded][] {
  return Object.entries(Resources)
    .filter(([, { Type }]) => guardedTypes.includes(Type))
    .map(([id, { Type, Properties }]) => {
      const replacing = replacingProperties(Type).filter((name) => Properties?.[name] !== undefined);
      return [
        id,
        { type: Type, replacing: Object.fromEntries(replacing.map((name) => [name, Properties[name]])) },
      ];
    });
}

const specification = loadAwsServiceSpecSync();

/** The modules of the handlers of our custom resources. */
const handlers: Readonly<Record<string, string>> = {
  'Custom::DirectorySettings': 'directory-settings',
  'Custom::DirectoryUser': 'directory-user',
  'Custom::DomainMembership': 'domain-membership',
  'Custom::SqlDatabase': 'sql-database',
  'Custom::SqlLogin': 'sql-login',
};

/**
 * A custom resource is replaced when its physical id changes. Returns the properties from which its handler derives the
 * id.
 */
function propertiesOfPhysicalId(type: string): string[] {
  const handler = handlers[type];
  if (!handler) return [];
  const file = new URL(`../../services/provisioning/src/handlers/${handler}.ts`, import.meta.url);
  const [, names = ''] = /physicalId: \(\{ ([\w, ]+) \}\) =>/.exec(readFileSync(file, 'utf8')) ?? [];
  if (!names) throw new Error(`${handler}.ts does not declare the properties that form the physical id.`);
  return names.split(', ');
}

/**
 * Changes that the schemas call conditional but that are made in place, according to "Update requires" in the
 * resource's documentation.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
 */
const inPlace = ['AutoMinorVersionUpgrade', 'BackupRetentionPeriod', 'DBParameterGroupName', 'MultiAZ'].map(
  (name) => `AWS::RDS::DBInstance ${name}`,
);
/** Changes that the schemas call harmless but are not: the secret gets a new value that is not set anywhere else. */
const harmful = [
  'AWS::SecretsManager::Secret GenerateSecretString',
  'AWS::SecretsManager::Secret SecretString',
];

/**
 * The properties whose change causes, or may cause, replacement according to CloudFormation's schema or the handler.
 */
export const replacingProperties = memoized((type: string): string[] => {
  const declared = Object.entries(specificationOf(type)?.properties ?? {})
    .filter(([, { causesReplacement = 'no' }]) => causesReplacement !== 'no')
    .map(([name]) => name);
  const others = harmful.map((entry) => entry.split(' ')).filter(([other]) => other === type);
  return [...declared, ...others.map(([, name = '']) => name), ...propertiesOfPhysicalId(type)]
    .filter((name) => !inPlace.includes(`${type} ${name}`))
    .sort();
});

/** Whether a change of the property replaces the resource. */
export function replacesResource(type: string, property: string): boolean {
  return replacingProperties(type).includes(property);
}

/** The properties by which CloudFormation distinguishes resources of the type. */
export const primaryIdentifier = memoized(
  (type: string): readonly string[] => specificationOf(type)?.primaryIdentifier ?? [],
);

function specificationOf(type: string) {
  const [resource] = specification.lookup('resource', 'cloudFormationType', 'equals', type);
  return resource;
}

/** Looking up a type is slow enough to matter in thousands of comparisons. */
function memoized<Result>(find: (type: string) => Result): (type: string) => Result {
  const known = new Map<string, Result>();
  return (type) => {
    const result = known.has(type) ? (known.get(type) as Result) : find(type);
    known.set(type, result);
    return result;
  };
}

/** @returns one message for each resource that an update from `before` to `after` would delete or replace */
export function replacements(before: GuardedResources, after: GuardedResources): string[] {
  return Object.entries(before).flatMap(([id, { type, replacing }]) => {
    const now = after[id];
    if (now?.type !== type) return [`${id} (${type}) is gone: an update would delete it.`];
    const names = [...new Set([...Object.keys(replacing), ...Object.keys(now.replacing)])];
    return names
      .filter((name) => !isDeepStrictEqual(replacing[name], now.replacing[name]))
      .map((name) => {
        const [was, is] = [replacing[name], now.replacing[name]].map((value) => JSON.stringify(value));
        return `${id} (${type}) would be replaced: ${name} was ${was}, is ${is}.`;
      });
  });
}
