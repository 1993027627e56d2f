/** What is looked at of a template. */
export interface Template {
  readonly Parameters?: Readonly<Record<string, { readonly Type: string; readonly Default?: unknown }>>;
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: unknown }>>;
}

/**
 * Gives the value of a reference, or undefined when it is not known. A reference is a pseudo parameter (`AWS::Region`),
 * the name of a Systems Manager parameter (`/name/of/it`), a resource (`LogicalId`) or its attribute (`LogicalId.Arn`).
 */
export type Resolve = (reference: string) => string | undefined;

/**
 * Replaces CloudFormation's intrinsic functions `Ref`, `Fn::GetAtt`, `Fn::Join`, `Fn::Sub`, `Fn::Select` and `Fn::Split`
 * by their values.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 * @throws Error naming the path of a reference that has no value, or of a function that is none of these
 */
export function resolveIntrinsicFunctions(
  value: unknown,
  template: Template,
  resolve: Resolve,
  path: string,
): unknown {
  const inside = (item: unknown, key: string | number) =>
    resolveIntrinsicFunctions(item, template, resolve, `${path}.${key}`);
  const lookUp = (reference: string): string => {
    const found = resolve(nameOf(reference, template));
    if (found === undefined)
      throw new Error(`${path} refers to ${nameOf(reference, template)}, which has no value here.`);
    return found;
  };
  if (Array.isArray(value)) return value.map(inside);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value);
  const [name, argument] = entries.length === 1 ? (entries[0] as [string, unknown]) : ['', undefined];
  switch (name) {
    case 'Ref':
      return lookUp(String(argument));
    case 'Fn::GetAtt':
      return lookUp([argument].flat().join('.'));
    case 'Fn::Join': {
      const [separator, parts] = argument as [string, unknown];
      return (inside(parts, name) as string[]).join(separator);
    }
    case 'Fn::Split': {
      const [separator, text] = argument as [string, unknown];
      return String(inside(text, name)).split(separator);
    }
    case 'Fn::Select': {
      const [index, list] = argument as [number | string, unknown];
      return (inside(list, name) as unknown[])[Number(index)];
    }
    case 'Fn::Sub': {
      const [text, variables] =
        typeof argument === 'string' ? [argument, {}] : (argument as [string, object]);
      const values = inside(variables, name) as Record<string, string>;
      return text
        .replaceAll(/\$\{([^!}]+)\}/g, (_, reference: string) => values[reference] ?? lookUp(reference))
        .replaceAll(/\$\{!([^}]+)\}/g, (_, literal: string) => `\${${literal}}`);
    }
  }
  if (name.startsWith('Fn::') || name === 'Condition') {
    throw new Error(`${path} uses ${name}, which is not understood here.`);
  }
  return Object.fromEntries(entries.map(([key, item]) => [key, inside(item, key)]));
}

/** A template parameter that takes its value from Systems Manager goes by the name it has there. */
function nameOf(reference: string, { Parameters = {} }: Template): string {
  const parameter = Parameters[reference];
  return parameter?.Type.startsWith('AWS::SSM::Parameter::Value') ? String(parameter.Default) : reference;
}
