/** Values of a template's parameters and pseudo parameters. */
export type Parameters = Readonly<Record<string, string>>;

const nothing = Symbol('AWS::NoValue');

/**
 * A value of the bootstrap's template as CloudFormation sees it, with conditions evaluated and references replaced. A
 * value that exists only after deployment is written as `${LogicalId.Attribute}`.
 *
 * @throws Error for an intrinsic function that is not implemented here
 */
export function instantiate(
  value: unknown,
  conditions: Readonly<Record<string, unknown>>,
  parameters: Parameters,
): unknown {
  const make = (inner: unknown): unknown => {
    if (Array.isArray(inner)) return inner.map(make).filter((item) => item !== nothing);
    if (inner === null || typeof inner !== 'object') return inner;
    const [[name, argument] = ['', undefined], ...others] = Object.entries(inner);
    if (others.length > 0 || !/^(Ref|Fn::.*|Condition)$/.test(name)) {
      return Object.fromEntries(
        Object.entries(inner)
          .map(([key, item]) => [key, make(item)])
          .filter(([, item]) => item !== nothing),
      );
    }
    switch (name) {
      case 'Ref':
        return argument === 'AWS::NoValue' ? nothing : (parameters[String(argument)] ?? `\${${argument}}`);
      case 'Fn::Sub':
        return String(argument).replaceAll(/\$\{([^}]+)\}/g, (whole, key) => parameters[key] ?? whole);
      case 'Fn::If': {
        const [condition, yes, no] = argument as [string, unknown, unknown];
        return make(holds(conditions[condition]) ? yes : no);
      }
      case 'Fn::Join':
        return [(argument as [string, unknown])[1]].flat().map(make).join('');
      default:
        throw new Error(`${name} is not understood here.`);
    }
  };
  const holds = (condition: unknown): boolean => {
    const [[name, argument] = ['', undefined]] = Object.entries(condition as object);
    switch (name) {
      case 'Fn::Equals': {
        const [one, other] = (argument as unknown[]).map(make);
        return one === other;
      }
      case 'Fn::Not':
        return !holds((argument as unknown[])[0]);
      case 'Fn::And':
        return (argument as unknown[]).every(holds);
      case 'Condition':
        return holds(conditions[String(argument)]);
      default:
        throw new Error(`The condition ${name} is not understood here.`);
    }
  };
  return make(value);
}
