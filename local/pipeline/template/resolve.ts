/** The parts of a CloudFormation template that are used here. */
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}

export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** Values of `Ref`s: pseudo parameters and parameters by name. The `Ref` of a resource resolves to its logical id. */
export type References = Readonly<Record<string, string>>;

/** The pseudo parameters that stacks use. */
export function pseudoParameters(account: string, region: string): References {
  return {
    'AWS::AccountId': account,
    'AWS::Region': region,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
  };
}

/**
 * Replaces the intrinsic functions that pipelines use (`Ref`, `Fn::GetAtt`, `Fn::GetStackOutput`, `Fn::Join`,
 * `Fn::Sub`) by text. Values that are known only after deployment stay readable as `${LogicalId.Attribute}`.
 *
 * @throws Error for any other function, because guessing would show a wrong pipeline
 */
export function resolve(value: unknown, references: References): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, references));
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value);
  const [name, argument] = entries.length === 1 ? (entries[0] as [string, unknown]) : ['', undefined];
  if (name === 'Ref') return references[String(argument)] ?? String(argument);
  if (name === 'Fn::GetAtt') return `\${${[argument].flat().join('.')}}`;
  if (name === 'Fn::GetStackOutput') {
    const { StackName, OutputName } = argument as { StackName: string; OutputName: string };
    return `\${${StackName}.${OutputName}}`;
  }
  if (name === 'Fn::Join') {
    const [separator, parts] = argument as [string, unknown[]];
    return parts.map((part) => String(resolve(part, references))).join(separator);
  }
  if (name === 'Fn::Sub') {
    if (typeof argument !== 'string')
      throw new Error('Fn::Sub with a map of variables is not supported here.');
    return argument.replaceAll(/\$\{([^}!]+)\}/g, (whole, reference) => references[reference] ?? whole);
  }
  if (name.startsWith('Fn::')) throw new Error(`${name} is not supported here.`);
  return Object.fromEntries(entries.map(([key, item]) => [key, resolve(item, references)]));
}
