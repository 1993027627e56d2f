import { list, resources, type SynthesizedTemplate } from '../../infrastructure/template.ts';
import type { SynthesizedPipeline } from '../synthesized-pipeline.ts';

/** A limit of an AWS service on what a template contains. */
interface Limit {
  readonly most: number;
  /** The count or size in a template, by place. */
  readonly of: (template: SynthesizedTemplate) => Readonly<Record<string, number>>;
}

const size = (value: unknown) => JSON.stringify(value)?.length ?? 0;

/** A number for each resource of a type. */
const each =
  (type: RegExp, count: (properties: Record<string, never>) => number): Limit['of'] =>
  ({ Resources }) =>
    Object.fromEntries(
      Object.entries(Resources)
        .filter(([, { Type }]) => type.test(Type))
        .map(([id, { Properties }]) => [id, count((Properties ?? {}) as Record<string, never>)]),
    );

interface Condition {
  readonly HostHeaderConfig?: { readonly Values: readonly string[] };
  readonly PathPatternConfig?: { readonly Values: readonly string[] };
}
const valuesOf = (conditions: readonly Condition[] = []) =>
  conditions.flatMap(({ HostHeaderConfig, PathPatternConfig }) => [
    ...(HostHeaderConfig?.Values ?? []),
    ...(PathPatternConfig?.Values ?? []),
  ]);

/** How many resources of a type have the same value in a property. */
function countBy(template: SynthesizedTemplate, type: string, property: string): Record<string, number> {
  const named = resources(template, type).map(([, { Properties }]) => JSON.stringify(Properties[property]));
  return Object.fromEntries(
    [...Map.groupBy(named, (name) => name)].map(([name, { length }]) => [name, length]),
  );
}

interface Stage {
  readonly Name: string;
  readonly Actions: readonly {
    readonly Name: string;
    readonly InputArtifacts?: readonly unknown[];
    readonly Configuration?: Readonly<Record<string, unknown>>;
  }[];
}

const stagesOf = (template: SynthesizedTemplate) =>
  resources(template, 'AWS::CodePipeline::Pipeline').flatMap(
    ([, { Properties }]) => Properties.Stages as Stage[],
  );
const actionsOf = (template: SynthesizedTemplate) =>
  stagesOf(template).flatMap(({ Name, Actions }) =>
    Actions.map((action) => ({ ...action, place: `${Name}/${action.Name}` })),
  );

/** The limits of each template; a value that CloudFormation resolves counts with the length of its expression. */
const limits: Readonly<Record<string, Limit>> = {
  // https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html
  'stages of the pipeline': { most: 50, of: (template) => ({ pipeline: stagesOf(template).length }) },
  'actions of the pipeline': { most: 500, of: (template) => ({ pipeline: actionsOf(template).length }) },
  'actions of a stage': {
    most: 50,
    of: (template) =>
      Object.fromEntries(stagesOf(template).map(({ Name, Actions }) => [Name, Actions.length])),
  },
  'inputs of an action': {
    most: 5,
    of: (template) =>
      Object.fromEntries(
        actionsOf(template).map(({ place, InputArtifacts = [] }) => [place, InputArtifacts.length]),
      ),
  },
  'characters of an action setting': {
    most: 1000,
    of: (template) =>
      Object.fromEntries(
        actionsOf(template).flatMap(({ place, Configuration = {} }) =>
          Object.entries(Configuration).map(([key, value]) => [
            `${place} ${key}`,
            typeof value === 'string' ? value.length : size(value),
          ]),
        ),
      ),
  },
  // "EnvironmentVariable should be at most 4096 characters", says CodeBuild.
  'characters of a build variable': {
    most: 4096,
    of: (template) =>
      Object.fromEntries(
        resources(template, 'AWS::CodeBuild::Project').flatMap(([id, { Properties }]) =>
          list(Properties.Environment?.EnvironmentVariables).map(({ Name, Value }) => [
            `${id} ${Name}`,
            size(Value),
          ]),
        ),
      ),
  },
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
  'condition values of a listener rule': {
    most: 5,
    of: each(/ListenerRule$/, ({ Conditions }) => valuesOf(Conditions).length),
  },
  'wildcards of a listener rule': {
    most: 5,
    of: each(
      /ListenerRule$/,
      ({ Conditions }) => valuesOf(Conditions).join('').replaceAll(/[^*?]/g, '').length,
    ),
  },
  'certificates of a listener in addition to its first': {
    most: 25,
    of: (template) => countBy(template, 'AWS::ElasticLoadBalancingV2::ListenerCertificate', 'ListenerArn'),
  },
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
  'bytes of a template': { most: 1_000_000, of: (template) => ({ template: size(template) }) },
  'resources of a template': {
    most: 500,
    of: ({ Resources }) => ({ template: Object.keys(Resources).length }),
  },
  'parameters of a template': {
    most: 200,
    of: ({ Parameters = {} }) => ({ template: Object.keys(Parameters).length }),
  },
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  'characters of the policies of a role': {
    most: 10_240,
    of: (template) => {
      const policies = resources(template, 'AWS::IAM::Policy');
      return Object.fromEntries(
        resources(template, 'AWS::IAM::Role').map(([id, { Properties }]) => [
          id,
          size(list(Properties.Policies).map(({ PolicyDocument }) => PolicyDocument)) +
            policies
              .filter(
                ([
                  ,
                  {
                    Properties: { Roles },
                  },
                ]) => JSON.stringify(Roles).includes(`"${id}"`),
              )
              .reduce((sum, [, policy]) => sum + size(policy.Properties.PolicyDocument), 0),
        ]),
      );
    },
  },
  'characters of the trust of a role': {
    most: 2048,
    of: each(/^AWS::IAM::Role$/, ({ AssumeRolePolicyDocument }) => size(AssumeRolePolicyDocument)),
  },
  // https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
  'bytes of the policy of a key': {
    most: 32_768,
    of: each(/^AWS::KMS::Key$/, ({ KeyPolicy }) => size(KeyPolicy)),
  },
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html
  'bytes of the policy of a bucket': {
    most: 20_480,
    of: each(/^AWS::S3::BucketPolicy$/, ({ PolicyDocument }) => size(PolicyDocument)),
  },
  // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
  'bytes of the variables of a function': {
    most: 4096,
    of: each(/^AWS::Lambda::Function$/, ({ Environment }) => size(Environment)),
  },
};

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html */
const rulesOfBalancer = 100;

/** The rules of each load balancer; the stacks of several services add rules to that of the environment. */
function rulesByListener(templates: SynthesizedPipeline['templates']) {
  const rules = [...templates].flatMap(([stack, template]) =>
    resources(template, 'AWS::ElasticLoadBalancingV2::ListenerRule').map(([, { Properties }]) => {
      const published = template.Parameters?.[Properties.ListenerArn?.Ref]?.Default;
      return published ? String(published) : `${stack} ${JSON.stringify(Properties.ListenerArn)}`;
    }),
  );
  return [...Map.groupBy(rules, (listener) => listener)].map(
    ([listener, { length }]) => [listener, length] as const,
  );
}

/** https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html */
const rulesOfGroup = 60;

/** The rules of each security group in one direction; several stacks may add rules to a published group. */
function rulesByGroup(templates: SynthesizedPipeline['templates'], direction: 'Ingress' | 'Egress') {
  const rules = [...templates].flatMap(([stack, template]) => [
    ...resources(template, `AWS::EC2::SecurityGroup${direction}`).map(([, { Properties }]) => {
      const { GroupId } = Properties;
      const published = template.Parameters?.[GroupId?.Ref]?.Default;
      return published ? `${stack.split('/')[0]} ${published}` : `${stack} ${JSON.stringify(GroupId)}`;
    }),
    ...resources(template, 'AWS::EC2::SecurityGroup').flatMap(([id, { Properties }]) =>
      list(Properties[`SecurityGroup${direction}`]).map(
        () => `${stack} ${JSON.stringify({ 'Fn::GetAtt': [id, 'GroupId'] })}`,
      ),
    ),
  ]);
  return [...Map.groupBy(rules, (group) => group)].map(([group, { length }]) => [group, length] as const);
}

/** Everything that exceeds a limit of AWS. */
export function overLimits({ templates }: Pick<SynthesizedPipeline, 'templates'>): string[] {
  return [
    ...[...templates].flatMap(([stack, template]) =>
      Object.entries(limits).flatMap(([what, { most, of }]) =>
        Object.entries(of(template))
          .filter(([, count]) => count > most)
          .map(([place, count]) => `${stack}: ${place}: ${count} ${what}, and AWS takes ${most}`),
      ),
    ),
    ...rulesByListener(templates)
      .filter(([, count]) => count > rulesOfBalancer)
      .map(([listener, count]) => `${listener}: ${count} rules, and AWS takes ${rulesOfBalancer}`),
    ...(['Ingress', 'Egress'] as const).flatMap((direction) =>
      rulesByGroup(templates, direction)
        .filter(([, count]) => count > rulesOfGroup)
        .map(([group, count]) => `${group}: ${count} rules (${direction}), and AWS takes ${rulesOfGroup}`),
    ),
  ];
}
