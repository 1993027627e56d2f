import { isDeepStrictEqual } from 'node:util';
import type { SynthesizedTemplate } from '../template.ts';

/** The values that stacks publish for later ones: parameters by name, and outputs by stack and name. */
export class Published {
  readonly parameters = new Map<string, unknown>();
  readonly outputs = new Map<string, unknown>();
}

/** Maps a logical id of a template to its physical resource. New resources of an update have another mark. */
export type PhysicalOf = (logicalId: string) => string;

/**
 * A value of a template with every reference resolved to its physical resource, also through Systems Manager parameters
 * and outputs of other stacks. Equal results mean that CloudFormation sees no change.
 */
export function resolve(
  value: unknown,
  template: SynthesizedTemplate,
  published: Published,
  physicalOf: PhysicalOf,
): unknown {
  const inner = (part: unknown): unknown => resolve(part, template, published, physicalOf);
  if (Array.isArray(value)) return value.map(inner);
  if (typeof value !== 'object' || value === null) return value;
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::GetStackOutput': output } = value as Record<string, unknown>;
  if (typeof Ref === 'string') {
    const parameter = template.Parameters?.[Ref];
    if (parameter?.Type.startsWith('AWS::SSM::Parameter::Value')) {
      const name = parameter.Default ?? '';
      return published.parameters.get(name) ?? { parameter: name };
    }
    return template.Resources[Ref] ? { is: physicalOf(Ref) } : { Ref };
  }
  if (Array.isArray(attribute))
    return { of: physicalOf(String(attribute[0])), attribute: attribute.slice(1) };
  if (output) {
    const { StackName, OutputName } = output as Record<string, unknown>;
    return published.outputs.get(`${StackName}/${OutputName}`) ?? { output };
  }
  const resolved = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, inner(part)]));
  return simplify(resolved);
}

/** An item of a list that was joined and split again is that item. */
function simplify(value: Record<string, unknown>): unknown {
  const { 'Fn::Split': split, 'Fn::Select': select } = value;
  if (Array.isArray(split)) {
    const [separator, text] = split;
    if (typeof text === 'string') return text.split(separator);
    const join = (text as { 'Fn::Join'?: [string, unknown[]] } | undefined)?.['Fn::Join'];
    if (join && join[0] === separator) return join[1];
  }
  if (Array.isArray(select) && Array.isArray(select[1])) return select[1][Number(select[0])];
  return value;
}

/** Adds the values that a stack publishes for later stacks. */
export function publish(
  stackName: string,
  template: SynthesizedTemplate,
  published: Published,
  physicalOf: PhysicalOf,
): void {
  for (const { Type, Properties } of Object.values(template.Resources)) {
    if (Type === 'AWS::SSM::Parameter' && typeof Properties.Name === 'string') {
      published.parameters.set(Properties.Name, resolve(Properties.Value, template, published, physicalOf));
    }
  }
  for (const [name, output] of Object.entries(template.Outputs ?? {})) {
    const { Value } = output as { Value?: unknown };
    published.outputs.set(`${stackName}/${name}`, resolve(Value, template, published, physicalOf));
  }
}

export const same = isDeepStrictEqual;
