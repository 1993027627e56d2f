import { list, objectsIn, resources, type SynthesizedTemplate } from './template.ts';

/** The stack of each service, by service name. */
export type ServiceStacks = Readonly<Record<string, SynthesizedTemplate>>;

type Stack = SynthesizedTemplate;
type Properties = Record<string, unknown>;
interface Container {
  readonly Name: string;
  readonly MountPoints?: readonly { readonly SourceVolume: string; readonly ReadOnly: boolean }[];
  readonly Secrets?: readonly { readonly ValueFrom: unknown }[];
  readonly LogConfiguration: { readonly Options: Readonly<Record<string, unknown>> };
}

/**
 * Finds what a service shares with another or exposes to it: secrets, roles, volumes, logs, network access, routing of
 * requests.
 *
 * @returns a sentence for each problem; none if the services share only network, cluster, database and load balancer
 */
export function sharingProblems(stacks: ServiceStacks): string[] {
  const each = Object.entries(stacks).flatMap(([service, stack]) =>
    [
      ...secretProblems(service, stack),
      ...taskProblems(stack),
      ...doorProblems(stack),
      ...wayProblems(service, stack),
    ].map((problem) => `${service} ${problem}`),
  );
  return [...each, ...places(stacks)];
}

/** The logical id of the resource in the same stack that a value refers to. */
function ownId(value: unknown, stack: Stack, type: string): string | undefined {
  const { Ref, 'Fn::GetAtt': attribute } = (value ?? {}) as { Ref?: string; 'Fn::GetAtt'?: string[] };
  const id = Ref ?? attribute?.[0] ?? '';
  return stack.Resources[id]?.Type === type ? id : undefined;
}

/** The name of the parameter, published by another stack, that a value refers to. */
const published = (value: unknown, { Parameters = {} }: Stack): string =>
  Parameters[(value as { Ref?: string } | undefined)?.Ref ?? '']?.Default ?? '';

const propertiesOf = (stack: Stack, type: string): Properties[] =>
  resources(stack, type).map(([, { Properties }]) => Properties);

const ownSecret = (service: string) =>
  new RegExp(`/${service === 'web' ? 'domain' : `services/${service}`}/user-secret-arn$`);

function secretProblems(service: string, stack: Stack): string[] {
  const isOwn = (value: unknown) => ownSecret(service).test(published(value, stack));
  const read = Object.values(stack.Parameters ?? {}).flatMap(({ Default = '' }) =>
    /user-secret-arn$/.test(Default) && !ownSecret(service).test(Default) ? [Default] : [],
  );
  const injected = containersOf(stack).flatMap(({ Secrets = [] }) => Secrets.map((each) => each.ValueFrom));
  const allowed = Object.values(stack.Resources)
    .flatMap(({ Properties }) => [...objectsIn(Properties)])
    .filter(
      ({ Effect, Action }) =>
        Effect === 'Allow' && list(Action).some((action) => /^(secretsmanager:|\*)/.test(String(action))),
    )
    .flatMap(({ Resource }) => list(Resource));
  return [
    ...read.map((name) => `reads ${name}`),
    ...(injected.every(isOwn) ? [] : ['gives a container a secret that is not its own']),
    ...(allowed.every(isOwn) ? [] : ['lets a role read a secret that is not its own']),
  ];
}

function containersOf(stack: Stack): Container[] {
  return propertiesOf(stack, 'AWS::ECS::TaskDefinition').flatMap(
    ({ ContainerDefinitions }) => ContainerDefinitions as Container[],
  );
}

function taskProblems(stack: Stack): string[] {
  return propertiesOf(stack, 'AWS::ECS::TaskDefinition').flatMap((task) => {
    const containers = task.ContainerDefinitions as Container[];
    const volumes = list(task.Volumes as Properties[] | undefined);
    const privateVolumes = containers
      .flatMap(({ Name, MountPoints = [] }) => (Name === 'sidecar' ? MountPoints : []))
      .map(({ SourceVolume }) => SourceVolume)
      .filter((name) => name !== 'shared');
    const logs = containers.map(({ LogConfiguration }) =>
      ownId(LogConfiguration.Options['awslogs-group'], stack, 'AWS::Logs::LogGroup'),
    );
    return [
      ...(['TaskRoleArn', 'ExecutionRoleArn'] as const).flatMap((role) =>
        ownId(task[role], stack, 'AWS::IAM::Role') ? [] : [`has the ${role} of others`],
      ),
      ...volumes.flatMap(({ Name, ...others }) =>
        Object.keys(others).length > 0 ? [`has a volume ${Name} that others may mount`] : [],
      ),
      ...containers.flatMap(({ Name, MountPoints = [] }) =>
        ['sidecar', 'doctor'].includes(Name)
          ? []
          : MountPoints.flatMap(({ SourceVolume, ReadOnly }) => [
              ...(ReadOnly ? [] : [`lets ${Name} write to ${SourceVolume}`]),
              ...(privateVolumes.includes(SourceVolume) ? [`lets ${Name} into ${SourceVolume}`] : []),
            ]),
      ),
      ...(logs.includes(undefined) ? ['writes into a log that others may write into'] : []),
      ...(new Set(logs).size < logs.length ? ['has one log for two containers'] : []),
    ];
  });
}

const securityGroup = 'AWS::EC2::SecurityGroup';

/** Checks that tasks admit only the load balancer that sends them requests. */
function doorProblems(stack: Stack): string[] {
  const groups = propertiesOf(stack, 'AWS::ECS::Service').flatMap(({ NetworkConfiguration }) => {
    const { AwsvpcConfiguration } = NetworkConfiguration as {
      AwsvpcConfiguration: { SecurityGroups: unknown[] };
    };
    return AwsvpcConfiguration.SecurityGroups.map((group) => ownId(group, stack, securityGroup));
  });
  const balancers = propertiesOf(stack, 'AWS::ElasticLoadBalancingV2::LoadBalancer').flatMap(
    ({ SecurityGroups }) => list(SecurityGroups).map((group) => ownId(group, stack, securityGroup)),
  );
  const mayEnter = ({ SourceSecurityGroupId: source, CidrIp, CidrIpv6, SourcePrefixListId }: Properties) =>
    [CidrIp, CidrIpv6, SourcePrefixListId].every((other) => other === undefined) &&
    (balancers.includes(ownId(source, stack, securityGroup) ?? 'none') ||
      published(source, stack).endsWith('/service/load-balancer-security-group-id'));
  const rules = [
    ...propertiesOf(stack, 'AWS::EC2::SecurityGroupIngress').filter(({ GroupId }) =>
      groups.includes(ownId(GroupId, stack, securityGroup)),
    ),
    ...groups.flatMap((id) => list(id && stack.Resources[id]?.Properties.SecurityGroupIngress)),
  ];
  return [
    ...(groups.includes(undefined) ? ['has tasks in a security group that others may be in'] : []),
    ...(rules.every(mayEnter) ? [] : ['lets others than its load balancer into its tasks']),
  ];
}

const balancing = (type: string) => `AWS::ElasticLoadBalancingV2::${type}`;

function wayProblems(service: string, stack: Stack): string[] {
  const isOwnGroup = (value: unknown) => ownId(value, stack, balancing('TargetGroup')) !== undefined;
  const groupsIn = (value: unknown) =>
    [...objectsIn(value)].flatMap(({ TargetGroupArn }) =>
      TargetGroupArn === undefined ? [] : [TargetGroupArn],
    );
  const services = propertiesOf(stack, 'AWS::ECS::Service').flatMap(({ LoadBalancers }) =>
    list(LoadBalancers as { ContainerName: string; TargetGroupArn: unknown }[] | undefined),
  );
  const served = services.map(({ TargetGroupArn }) => TargetGroupArn);
  const forwarded = propertiesOf(stack, balancing('ListenerRule')).flatMap(({ Actions }) =>
    groupsIn(Actions),
  );
  const defaults = propertiesOf(stack, balancing('Listener')).flatMap(({ DefaultActions }) =>
    list(DefaultActions as { Type: string }[]).map(({ Type }) => Type),
  );
  return [
    ...(forwarded.every(isOwnGroup) ? [] : ['has a rule that leads to tasks of others']),
    ...(served.every(isOwnGroup) ? [] : ['has its tasks in a target group of others']),
    ...(services.every(({ ContainerName }) => ContainerName === service)
      ? []
      : ['serves by another container']),
    ...(defaults.every((type) => type === 'fixed-response' || type === 'redirect')
      ? []
      : ['has a listener that leads somewhere what no rule is for']),
  ];
}

/** Values that must be unique: a priority of a listener, the name of a resource. */
function places(stacks: ServiceStacks): string[] {
  const taken = new Map<string, string>();
  return Object.entries(stacks).flatMap(([service, stack]) =>
    Object.values(stack.Resources)
      .flatMap(({ Type, Properties }) => placesOf(Type, Properties ?? {}, stack, service))
      .flatMap((place) => {
        const other = taken.get(place);
        taken.set(place, service);
        return other === undefined ? [] : [`${service} and ${other} both have ${place}`];
      }),
  );
}

const physicalNames = /^((LogGroup|Role|Service|Alarm|Dashboard|Queue|StateMachine|Group)?Name|Family)$/;

function placesOf(type: string, properties: Properties, stack: Stack, service: string): string[] {
  const { ListenerArn, Priority } = properties as { ListenerArn?: unknown; Priority?: number };
  // A listener that belongs to the service has its own priorities.
  const listener = published(ListenerArn, stack) || `the listener of ${service}`;
  return [
    ...(Priority === undefined ? [] : [`priority ${Priority} at ${listener}`]),
    ...Object.entries(properties)
      .filter(([key, value]) => physicalNames.test(key) && typeof value === 'string')
      .map(([, name]) => `a ${type} ${name}`),
  ];
}
