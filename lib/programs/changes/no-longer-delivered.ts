interface Template {
  readonly Resources?: Readonly<
    Record<string, { readonly Type?: string; readonly Properties?: { readonly Stages?: readonly Stage[] } }>
  >;
}

interface Stage {
  readonly Actions?: readonly {
    /** The role that deploys the stack; the CDK puts account and region in its name. */
    readonly RoleArn?: unknown;
    readonly Configuration?: { readonly StackName?: unknown };
  }[];
}

interface Delivered {
  readonly name: string;
  /** Account and region, if the role's name has them. */
  readonly place: string | undefined;
}

/**
 * The names of the stacks that the deployed pipeline deploys and the new one does not. If a stack of that name moves to
 * another place, the name is followed by its old account and region. CDK Pipelines does not delete stacks: a stack that was
 * removed from the configuration, or moved, keeps running as last deployed until somebody deletes it.
 *
 * @param deployed undefined for a pipeline that does not exist yet
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
