interface Template {
  readonly Resources?: Readonly<
    Record<string, { readonly Type?: string; readonly Properties?: { readonly Stages?: readonly Stage[] } }>
  >;
}

interface Stage {
  readonly Actions?: readonly {
    /** Of the role that deploys the stack, which the CDK names by its account and region. */
    readonly RoleArn?: unknown;
    readonly Configuration?: { readonly StackName?: unknown };
  }[];
}

interface Delivered {
  readonly name: string;
  /** Account and region, if the role tells. */
  readonly place: string | undefined;
}

/**
 * The stacks that the pipeline of one template deploys and that of another does not, by their names, and with account and
 * region where one of that name is deployed elsewhere from now on. CDK Pipelines deletes none: what was taken from the
 * configuration, or moved to another place, goes on running as it was deployed last, until somebody deletes it.
 *
 * @param deployed undefined for a pipeline that is not there yet
 */
export function noLongerDelivered(deployed: Template | undefined, synthesized: Template): string[] {
  const now = stacksOf(synthesized);
  const names = stacksOf(deployed ?? {})
    .filter((one) => !now.some((other) => isOne(one, other)))
    .map(({ name, place }) => (now.some((other) => other.name === name) ? `${name} in ${place}` : name));
  return [...new Set(names)];
}

function isOne(one: Delivered, other: Delivered): boolean {
  const known = one.place !== undefined && other.place !== undefined;
  return one.name === other.name && (one.place === other.place || !known);
}

function stacksOf({ Resources = {} }: Template): Delivered[] {
  const stages = Object.values(Resources)
    .filter(({ Type }) => Type === 'AWS::CodePipeline::Pipeline')
    .flatMap(({ Properties }) => Properties?.Stages ?? []);
  return stages.flatMap(({ Actions = [] }) =>
    Actions.flatMap(({ RoleArn, Configuration }) => {
      const { StackName: name } = Configuration ?? {};
      return typeof name === 'string' ? [{ name, place: placeOf(RoleArn) }] : [];
    }),
  );
}

function placeOf(role: unknown): string | undefined {
  const [, account, region] = /-(\d{12})-([a-z]{2}-[a-z0-9-]+)"/.exec(JSON.stringify(role) ?? '') ?? [];
  return account && region && `${account} ${region}`;
}
