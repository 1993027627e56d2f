import { type Deployment, namesOf } from '../../config/index.ts';
import type { BootstrapPlace } from './places.ts';

/** A statement of the bootstrap template, as far as it is used here. */
export interface ToolkitStatement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly Condition?: object;
}

type Place = Pick<BootstrapPlace, 'account' | 'region'>;

/** The `Sid` of the CDK template's statement that grants access to a pipeline's artifacts in another account. */
const artifactsOfOthers = 'PipelineCrossAccountArtifactsBucket';

/**
 * Narrows the CDK's own statements for the role that deploys. CloudFormation actions are limited to this deployment's
 * stacks; the CDK allows all stacks in the account. CloudFormation updates a stack with the role that it was last
 * deployed with, even if the caller may not pass that role, so this role could otherwise act with the administrator's
 * rights of another application's stack. In other accounts' buckets, the role may only read, and only from the tools
 * account's; the CDK allows writing to all.
 *
 * @returns undefined if the statements are not those that this function knows
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

/** Name patterns of the stacks that the pipeline deploys in one place. */
function stackPatterns(deployment: Deployment, { account, region }: Place): string[] {
  const { name, tools, environments } = deployment;
  return [
    ...(account === tools.account ? ['pipeline', 'images', 'artifacts'].map((own) => `${name}-${own}`) : []),
    ...environments
      .filter((environment) => environment.account === account && environment.region === region)
      .map((environment) => `${namesOf(deployment, environment).prefix}-*`),
  ];
}
