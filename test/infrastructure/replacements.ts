import { isDeepStrictEqual } from 'node:util';
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { type Synthesis, stackParts } from './synthesize.ts';
import type { SynthesizedTemplate } from './template.ts';

/** What holds data or identity, and what these stand in: making another one would lose them, or jam the update. */
const guardedTypes = [
  'AWS::DirectoryService::MicrosoftAD',
  'AWS::RDS::DBInstance',
  'AWS::RDS::DBSubnetGroup',
  'AWS::SecretsManager::Secret',
  'AWS::KMS::Key',
  'AWS::EC2::VPC',
  'AWS::EC2::Subnet',
  'Custom::DirectoryUser',
];

/** A resource that must stay the same one, and those of its properties that make another one when they change. */
export interface Guarded {
  readonly type: string;
  readonly replacing: Readonly<Record<string, unknown>>;
}
/** By stack and logical id, such as `production-database/SqlServerInstance…`. */
export type GuardedResources = Readonly<Record<string, Guarded>>;

/** @returns all guarded resources of an environment's stacks */
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

/** The properties of which CloudFormation's own schema says that a change means, or may mean, another resource. */
export function replacingProperties(type: string): string[] {
  const [resource] = specification.lookup('resource', 'cloudFormationType', 'equals', type);
  return Object.entries(resource?.properties ?? {})
    .filter(([, { causesReplacement = 'no' }]) => causesReplacement !== 'no')
    .map(([name]) => name)
    .sort();
}

/** @returns one sentence for each resource that an update from `before` to `after` would delete or replace */
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
