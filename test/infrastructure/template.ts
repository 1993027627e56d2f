/** A CloudFormation template, as far as tests need it. */
export interface SynthesizedTemplate {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Parameters?: Readonly<Record<string, { readonly Type: string; readonly Default?: string }>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
}

export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: the properties differ by type
  readonly Properties: any;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly DependsOn?: string | readonly string[];
}

/** All resources of a type, by logical id. */
export function resources(template: SynthesizedTemplate, type: string): [string, Resource][] {
  return Object.entries(template.Resources).filter(([, { Type }]) => Type === type);
}

/** The properties of all resources of a type. */
export function all(template: SynthesizedTemplate, type: string) {
  return resources(template, type).map(([, { Properties }]) => Properties);
}

/** The properties of the only resource of a type. */
export function only(template: SynthesizedTemplate, type: string) {
  const [first, ...others] = all(template, type);
  if (!first || others.length > 0)
    throw new Error(`There are ${others.length + (first ? 1 : 0)} of ${type}.`);
  return first;
}

/** The task definition of a template that has a container of this name. */
export function taskWith(template: SynthesizedTemplate, container: string) {
  const found = all(template, 'AWS::ECS::TaskDefinition').find(({ ContainerDefinitions }) =>
    ContainerDefinitions.some(({ Name }: { Name: string }) => Name === container),
  );
  if (!found) throw new Error(`There is no task definition with a container ${container}.`);
  return found;
}

/** All objects inside a value, including itself. */
export function* objectsIn(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield value as Record<string, unknown>;
  for (const inner of Object.values(value)) yield* objectsIn(inner);
}

/** Converts a value that IAM writes as a list or as a single item to a list. */
export function list<Item>(value: Item | readonly Item[] | undefined): readonly Item[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as Item];
}
