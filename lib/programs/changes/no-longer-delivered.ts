interface Template {
  readonly Resources?: Readonly<
    Record<string, { readonly Type?: string; readonly Properties?: { readonly Stages?: readonly Stage[] } }>
  >;
}

interface Stage {
  readonly Actions?: readonly { readonly Configuration?: { readonly StackName?: unknown } }[];
}

/**
 * The stacks that the pipeline of one template deploys and that of another does not, by their names. CDK Pipelines deletes
 * none: what was taken from the configuration goes on running as it was deployed last, until somebody deletes it.
 *
 * @param deployed undefined for a pipeline that is not there yet
 */
export function noLongerDelivered(deployed: Template | undefined, synthesized: Template): string[] {
  const still = new Set(stacksOf(synthesized));
  return stacksOf(deployed ?? {}).filter((name) => !still.has(name));
}

function stacksOf({ Resources = {} }: Template): string[] {
  const stages = Object.values(Resources)
    .filter(({ Type }) => Type === 'AWS::CodePipeline::Pipeline')
    .flatMap(({ Properties }) => Properties?.Stages ?? []);
  const names = stages.flatMap(({ Actions = [] }) =>
    Actions.map(({ Configuration }) => Configuration?.StackName),
  );
  return [...new Set(names.filter((name) => typeof name === 'string'))];
}
