import { type Deployment, namesOf } from '../../config/index.ts';
import type { BootstrapPlace } from './places.ts';

/** A statement of the bootstrap's template, as far as it is looked at here. */
export interface ToolkitStatement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly Condition?: object;
}

type Place = Pick<BootstrapPlace, 'account' | 'region'>;

/** The `Sid` under which the CDK's template gives the right to the artifacts of a pipeline in another account. */
const artifactsOfOthers = 'PipelineCrossAccountArtifactsBucket';

/**
 * What the role that deploys may do, made of the CDK's own statements: with the stacks of this deployment, where the CDK
 * says all of the account. CloudFormation updates a stack with the role that the stack was last deployed with, whether or
 * not the caller may hand that on; so this role could otherwise become the administrator that deploys a neighbour's stack.
 * And of the buckets of other accounts it reads those of the tools account, where the CDK lets it write into all.
 *
 * @returns undefined when the statements are others than this function knows
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html
 */
export function deployingStatements(
  statements: readonly ToolkitStatement[],
  deployment: Deployment,
  place: Place,
): ToolkitStatement[] | undefined {
  const { tools } = deployment;
  const stacks = stackPatterns(deployment, place).map(
    (stack) => `arn:aws:cloudformation:${place.region}:${place.account}:stack/${stack}/*`,
  );
  const narrowed = statements.flatMap((statement): ToolkitStatement[] => {
    const actions = [statement.Action].flat();
    if (statement.Sid === artifactsOfOthers) {
      if (place.account === tools.account) return [];
      const Action = actions.filter((action) => /^s3:(Get|List)/.test(action));
      return [{ ...statement, Action, Condition: { StringEquals: { 's3:ResourceAccount': tools.account } } }];
    }
    const [own, others] = [true, false].map((ofStacks) =>
      actions.filter((action) => action.startsWith('cloudformation:') === ofStacks),
    ) as [string[], string[]];
    if (own.length === 0) return [statement];
    const { Sid: _, ...rest } = statement;
    return [
      { ...statement, Action: own, Resource: stacks },
      ...(others.length > 0 ? [{ ...rest, Action: others }] : []),
    ];
  });
  const known =
    statements.some(({ Sid }) => Sid === artifactsOfOthers) &&
    statements.some(({ Action }) => [Action].flat().includes('cloudformation:UpdateStack'));
  return known ? narrowed : undefined;
}

/** The names of the stacks that the pipeline deploys in one place. */
function stackPatterns(deployment: Deployment, { account, region }: Place): string[] {
  const { name, tools, environments } = deployment;
  return [
    ...(account === tools.account ? ['pipeline', 'images', 'artifacts'].map((own) => `${name}-${own}`) : []),
    ...environments
      .filter((environment) => environment.account === account && environment.region === region)
      .map((environment) => `${namesOf(deployment, environment).prefix}-*`),
  ];
}
